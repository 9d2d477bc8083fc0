/**
 * What a handler may do: `ctx`. EmDash's `PluginContext` plus this host's `settings`, `text`, `ai` and `content.publish`.
 * Every method is a host call that is checked against the plugin's grants when it is made; a namespace is always there,
 * a missing grant is an `Error` that starts with `Missing capability:`.
 */
import type { SettingValue } from "./settings.ts";

/** JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** SEO fields of an item, kept in `_emdash_seo`. */
export interface ContentSeo {
  readonly title?: string | null;
  readonly description?: string | null;
  readonly image?: string | null;
  readonly canonical?: string | null;
  readonly noIndex?: boolean;
}
/** One content item. */
export interface ContentItem {
  readonly id: string;
  /** The collection, e.g. `posts`. */
  readonly type: string;
  readonly slug: string | null;
  readonly status: string;
  readonly locale: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly seo?: ContentSeo;
  /** ISO 8601, like the other times. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly publishedAt: string | null;
}
/** A page of results. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Hand it back for the next page. Absent on the last. */
  readonly cursor?: string;
  readonly hasMore: boolean;
}
/** A Portable Text block. */
export interface PortableTextBlock {
  readonly _type: string;
  readonly _key: string;
  readonly [key: string]: unknown;
}

/** A comparison in `storage.query` and `content.list`. */
export type WhereValue =
  | string
  | number
  | boolean
  | null
  | {
      readonly gt?: string | number;
      readonly gte?: string | number;
      readonly lt?: string | number;
      readonly lte?: string | number;
    }
  | { readonly in: readonly (string | number)[] }
  | { readonly startsWith: string };
/** Field to comparison. Only indexed fields of the collection may be used. */
export type Where = Readonly<Record<string, WhereValue>>;
/** Field to direction. */
export type OrderBy = Readonly<Record<string, "asc" | "desc">>;

/** The plugin's own keys and values, kept in the site's database. Values are JSON up to 256 KiB. */
export interface KvAccess {
  get<Value = unknown>(key: string): Promise<Value | null>;
  set(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<boolean>;
  list(prefix?: string): Promise<readonly { readonly key: string; readonly value: unknown }[]>;
}
/** One collection of the plugin's own documents. */
export interface StorageCollection<Data = Record<string, unknown>> {
  get(id: string): Promise<Data | null>;
  put(id: string, data: Data): Promise<void>;
  delete(id: string): Promise<boolean>;
  exists(id: string): Promise<boolean>;
  getMany(ids: readonly string[]): Promise<Map<string, Data>>;
  putMany(items: readonly { readonly id: string; readonly data: Data }[]): Promise<void>;
  deleteMany(ids: readonly string[]): Promise<number>;
  query(options?: {
    readonly where?: Where;
    readonly orderBy?: OrderBy;
    readonly limit?: number;
    readonly cursor?: string;
  }): Promise<Page<{ readonly id: string; readonly data: Data }>>;
  count(where?: Where): Promise<number>;
}
/** The plugin's settings, as the administrator set them. Secrets are not among them. */
export interface SettingsAccess {
  get<Value extends SettingValue = SettingValue>(key: string): Promise<Value | null>;
  all(): Promise<Readonly<Record<string, SettingValue>>>;
}
/** The site's content. Reading needs `content:read`, changing `content:write`, publishing `content:publish`. */
export interface ContentAccess {
  get(collection: string, id: string): Promise<ContentItem | null>;
  list(
    collection: string,
    options?: {
      readonly limit?: number;
      readonly cursor?: string;
      readonly orderBy?: OrderBy;
      readonly where?: { readonly status?: string; readonly locale?: string };
    },
  ): Promise<Page<ContentItem>>;
  /**
   * Creates an item, a draft unless `publish` is set (which needs `content:publish`). With an idempotency key a repeated
   * call returns the item the first one made.
   */
  create(
    collection: string,
    data: Readonly<Record<string, unknown>> & { readonly slug?: string; readonly seo?: ContentSeo },
    options?: { readonly locale?: string; readonly idempotencyKey?: string; readonly publish?: boolean },
  ): Promise<ContentItem>;
  update(
    collection: string,
    id: string,
    data: Readonly<Record<string, unknown>> & { readonly slug?: string; readonly seo?: ContentSeo },
  ): Promise<ContentItem>;
  delete(collection: string, id: string): Promise<boolean>;
  publish(collection: string, id: string): Promise<ContentItem>;
  unpublish(collection: string, id: string): Promise<ContentItem>;
}
/** Options of `http.fetch`. */
export interface FetchInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /**
   * Headers that hold a secret: `{authorization: "Bearer {{apiKey}}"}`. The host fills in the placeholder for hosts the
   * manifest names for that secret; the plugin never sees the value.
   */
  readonly secretHeaders?: Readonly<Record<string, string>>;
  /** Milliseconds, at most 60000. Default 30000. */
  readonly timeoutMs?: number;
}
/** The answer of `http.fetch`. */
export interface FetchResponse {
  readonly status: number;
  readonly ok: boolean;
  readonly headers: { get(name: string): string | null; has(name: string): boolean };
  text(): Promise<string>;
  json(): Promise<unknown>;
  arrayBuffer(): Promise<ArrayBuffer>;
}
/** A mail. Its sender is the site's. */
export interface EmailMessage {
  /** One plain address, or up to 10 of them, which all recipients see. */
  readonly to: string | readonly string[];
  /** One line, at most 200 characters. */
  readonly subject: string;
  readonly text: string;
  /** Sanitised as by `text.sanitizeHtml`. */
  readonly html?: string;
}
/** A message to a language model. */
export interface AiMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}
/** A question to a language model: `prompt`, or `messages` of which the last is the user's. */
export interface AiRequest {
  readonly prompt?: string;
  readonly messages?: readonly AiMessage[];
  /** One of the host's models by its name. Default: the host's first. */
  readonly model?: string;
  /** At most 16384. Default 1024. */
  readonly maxTokens?: number;
  /** 0 to 1. Default: the model's. */
  readonly temperature?: number;
  /** Asks for one JSON object. What comes back is text all the same, and a stranger's. */
  readonly json?: boolean;
}
/** What a language model wrote. */
export interface AiResponse {
  readonly text: string;
  readonly model: string;
  /** `length`: it was cut off at `maxTokens`. */
  readonly finish: "stop" | "length";
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
}
/** A scheduled task of the plugin. */
export interface CronTask {
  readonly name: string;
  readonly schedule: string;
  readonly nextRunAt: string | null;
  readonly lastRunAt: string | null;
}
/** A site user. */
export interface UserInfo {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly role: number;
  readonly createdAt: string;
}
/** Writes a line to the plugin's log; never awaited. */
export type LogMethod = (message: string, data?: unknown) => void;

/** Everything a handler may do. */
export interface PluginContext {
  readonly plugin: { readonly id: string; readonly version: string };
  readonly kv: KvAccess;
  readonly storage: Readonly<Record<string, StorageCollection>>;
  readonly settings: SettingsAccess;
  readonly content: ContentAccess;
  readonly http: { fetch(url: string, init?: FetchInit): Promise<FetchResponse> };
  readonly cron: {
    /** `schedule` is a cron expression or an ISO 8601 time, then it runs once. */
    schedule(
      name: string,
      options: { readonly schedule: string; readonly data?: Readonly<Record<string, unknown>> },
    ): Promise<void>;
    cancel(name: string): Promise<void>;
    list(): Promise<readonly CronTask[]>;
  };
  /**
   * Mail in the site's name; needs `email:send`. Always there: where the host has no provider, `send` rejects with the
   * code `NOT_CONFIGURED`.
   */
  readonly email: { send(message: EmailMessage): Promise<void> };
  /**
   * The host's language models; needs `ai:generate`. Rejects with `BUDGET_EXCEEDED` where the plugin's tokens or money are
   * used up, with `NOT_CONFIGURED` where the host has no model.
   */
  readonly ai: { generate(request: AiRequest): Promise<AiResponse> };
  /** Text work that is too slow inside the sandbox. */
  readonly text: {
    markdownToPortableText(markdown: string): Promise<readonly PortableTextBlock[]>;
    /** HTML that is safe on a page: raw HTML stays text, links lead to http, https and mailto. */
    markdownToHtml(markdown: string): Promise<string>;
    /** The safe part of HTML: text, structure, links and images over https; no styles, ids or scripts. */
    sanitizeHtml(html: string): Promise<string>;
    /** HTML as the site draws it. Unknown blocks are left out. */
    portableTextToHtml(blocks: readonly PortableTextBlock[]): Promise<string>;
    slugify(text: string): Promise<string>;
  };
  readonly log: {
    readonly debug: LogMethod;
    readonly info: LogMethod;
    readonly warn: LogMethod;
    readonly error: LogMethod;
  };
  readonly site: { readonly name: string; readonly url: string; readonly locale: string };
  /** The absolute address of a path of the site. */
  url(path: string): string;
}
