/**
 * What a handler may do: `ctx`. EmDash's `PluginContext` plus this host's `settings`, `text`, `ai`, `content.publish`,
 * and EmDash 1.x's revisions.
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
/** A comparison with a field of content. `null` finds what has no value. */
export type FieldFilter =
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
  | { readonly in: readonly (string | number | boolean)[] };
/** Field to comparison: at most 20 fields that hold one plain value, at most 50 values in all. All must hold. */
export type FieldFilters = Readonly<Record<string, FieldFilter>>;
/** Field to direction. */
export type OrderBy = Readonly<Record<string, "asc" | "desc">>;

/** A value with what tells it from what it was before and will be after. */
export interface Versioned<Value> {
  readonly value: Value;
  readonly revision: string;
}
/** What came of a conditional write. Where it was not applied nothing was written: read again, and decide again. */
export type Swapped = { readonly applied: true; readonly revision: string } | { readonly applied: false };
/** Options of a write to `kv`. */
export interface KvWriteOptions {
  /** Seconds after which the key is gone, at most 366 days. Without it the key stays, also where it had a time before. */
  readonly ttlSeconds?: number;
}
/** The plugin's own keys and values, kept in the site's database. Values are JSON up to 256 KiB. */
export interface KvAccess {
  get<Value = unknown>(key: string): Promise<Value | null>;
  set(key: string, value: unknown, options?: KvWriteOptions): Promise<void>;
  delete(key: string): Promise<boolean>;
  /** Keys under a prefix, which is text and no pattern; at most 1000. */
  list(prefix?: string): Promise<readonly { readonly key: string; readonly value: unknown }[]>;
  /** The same page by page, 100 where no limit is given. */
  list(
    prefix: string,
    options: { readonly limit?: number; readonly cursor?: string },
  ): Promise<Page<{ readonly key: string; readonly value: unknown }>>;
  getVersioned<Value = unknown>(key: string): Promise<Versioned<Value> | null>;
  /** Writes where the key still has the revision; `null`: where it is not there. */
  compareAndSet(key: string, revision: string | null, value: unknown, options?: KvWriteOptions): Promise<Swapped>;
  compareAndDelete(key: string, revision: string): Promise<{ readonly applied: boolean }>;
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
  getVersioned(id: string): Promise<Versioned<Data> | null>;
  /** Writes where the document still has the revision; `null`: where it is not there. */
  compareAndSet(id: string, revision: string | null, data: Data): Promise<Swapped>;
  compareAndDelete(id: string, revision: string): Promise<{ readonly applied: boolean }>;
}
/** The plugin's settings, as the administrator set them. Secrets are not among them. */
export interface SettingsAccess {
  get<Value extends SettingValue = SettingValue>(key: string): Promise<Value | null>;
  all(): Promise<Readonly<Record<string, SettingValue>>>;
}
/** What an item was after a save. */
export interface ContentRevision {
  readonly id: string;
  readonly collection: string;
  readonly entryId: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
}
/** In which languages an item is there, itself among them. */
export interface ContentTranslations {
  readonly translationGroup: string;
  readonly translations: readonly {
    readonly id: string;
    readonly locale: string;
    readonly slug: string | null;
    readonly status: string;
    readonly updatedAt: string;
  }[];
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
      readonly where?: {
        readonly status?: string;
        readonly locale?: string;
        readonly fieldFilters?: FieldFilters;
      };
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
  getTranslations(collection: string, id: string): Promise<ContentTranslations>;
  /** The address at which visitors find the item, or null where they do not. */
  getPublicUrl(collection: string, id: string): Promise<string | null>;
  /** The latest first, at most 100, 50 where no limit is given. Needs `content:revisions:read`, as `getRevision` does. */
  listRevisions(
    collection: string,
    id: string,
    options?: { readonly limit?: number },
  ): Promise<readonly ContentRevision[]>;
  getRevision(collection: string, id: string, revisionId: string): Promise<ContentRevision | null>;
}
/** A taxonomy: categories, tags, or another. */
export interface TaxonomyInfo {
  readonly name: string;
  readonly label: string;
  readonly labelSingular: string | null;
  readonly hierarchical: boolean;
  /** The collections whose items have its terms. */
  readonly collections: readonly string[];
  readonly locale: string;
}
/** One term of a taxonomy. */
export interface TaxonomyTerm {
  readonly id: string;
  readonly taxonomy: string;
  readonly slug: string;
  readonly label: string;
  readonly parentId: string | null;
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly locale: string;
  readonly translationGroup: string | null;
}
/** Taxonomies and their terms, of one locale or of all. Needs `taxonomies:read`. */
export interface TaxonomyAccess {
  getAll(options?: { readonly locale?: string }): Promise<readonly TaxonomyInfo[]>;
  getTerms(taxonomy: string, options?: { readonly locale?: string }): Promise<readonly TaxonomyTerm[]>;
  getEntryTerms(
    collection: string,
    id: string,
    options?: { readonly taxonomy?: string; readonly locale?: string },
  ): Promise<readonly TaxonomyTerm[]>;
}
/** A media file. */
export interface MediaItem {
  readonly id: string;
  readonly filename: string;
  readonly mimeType: string;
  /** Bytes. */
  readonly size: number | null;
  /** A path of the site. */
  readonly url: string;
  readonly createdAt: string;
}
/** The site's media files. Reading needs `media:read`, the rest `media:write`. */
export interface MediaAccess {
  get(id: string): Promise<MediaItem | null>;
  list(options?: {
    readonly limit?: number;
    readonly cursor?: string;
    /** Beginning of the type, e.g. `image/`. */
    readonly mimeType?: string;
  }): Promise<Page<MediaItem>>;
  /** Pictures, films, sounds and PDF up to 2 MiB, but no SVG. The bytes must be of the type. */
  upload(
    filename: string,
    contentType: string,
    bytes: ArrayBuffer | ArrayBufferView,
  ): Promise<{ readonly mediaId: string; readonly storageKey: string; readonly url: string }>;
  /** Files the plugin uploaded itself; others are refused. */
  delete(id: string): Promise<boolean>;
  /** Always refused: plugins upload the bytes themselves. */
  getUploadUrl(filename: string, contentType: string): Promise<never>;
}
/** The people with an account that is not disabled. Needs `users:read`. */
export interface UserAccess {
  get(id: string): Promise<UserInfo | null>;
  getByEmail(email: string): Promise<UserInfo | null>;
  list(options?: {
    readonly role?: number;
    readonly limit?: number;
    readonly cursor?: string;
  }): Promise<{ readonly items: readonly UserInfo[]; readonly nextCursor?: string }>;
}
/** Options of `http.fetch`. */
export interface FetchInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text or bytes, at most 8 MiB. */
  readonly body?: string | Uint8Array | ArrayBuffer;
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
  /** EmDash's: 10 subscriber, 20 contributor, 30 author, 40 editor, 50 administrator. */
  readonly role: number;
  readonly createdAt: string;
}
/** Writes a line to the plugin's log; never awaited. */
export type LogMethod = (message: string, data?: unknown) => void;

/** What a statement came to, as D1 gives it. */
export interface SqlResult<Row = Readonly<Record<string, unknown>>> {
  readonly success: true;
  readonly results: readonly Row[];
  readonly meta: {
    readonly changes: number;
    readonly last_row_id: number;
    readonly rows_read: number;
    readonly rows_written: number;
  };
}
/** A statement with its values. Bytes come back as numbers. */
export interface SqlStatement {
  bind(...values: readonly (string | number | boolean | null | ArrayBuffer | ArrayBufferView)[]): SqlStatement;
  all<Row = Readonly<Record<string, unknown>>>(): Promise<SqlResult<Row>>;
  run<Row = Readonly<Record<string, unknown>>>(): Promise<SqlResult<Row>>;
  /** The first row, or one of its columns; null where there is none. */
  first<Row = Readonly<Record<string, unknown>>>(): Promise<Row | null>;
  first<Value>(column: string): Promise<Value | null>;
  raw<Row = readonly unknown[]>(options?: { readonly columnNames?: boolean }): Promise<readonly Row[]>;
}
/**
 * SQL on the plugin's own tables, under the names its migrations give them, and on tables of the site that the manifest
 * lists under `bulkhead.database` and that are granted. One statement a text; SELECTs answer at most 1000 rows.
 */
export interface Database {
  prepare(sql: string): SqlStatement;
  /** In one transaction: all or none. */
  batch<Row = Readonly<Record<string, unknown>>>(
    statements: readonly SqlStatement[],
  ): Promise<readonly SqlResult<Row>[]>;
}

/** Everything a handler may do. */
export interface PluginContext {
  readonly plugin: { readonly id: string; readonly version: string };
  readonly kv: KvAccess;
  readonly storage: Readonly<Record<string, StorageCollection>>;
  readonly settings: SettingsAccess;
  readonly content: ContentAccess;
  readonly taxonomies: TaxonomyAccess;
  readonly media: MediaAccess;
  readonly users: UserAccess;
  readonly http: { fetch(url: string, init?: FetchInit): Promise<FetchResponse> };
  readonly db: Database;
  readonly cron: {
    /**
     * `schedule` is a cron expression in UTC, at most one run a minute (on Free, 5 minutes) and spread by up to 10 minutes, or an
     * ISO 8601 time, then it runs once. Rejects with `INVALID_ARGUMENT` and what was expected.
     */
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
    /**
     * How alike each of up to 1000 texts is to one, of up to 1000 characters each: 0 to 1, the same words. Order of words,
     * case, accents and punctuation do not count.
     */
    similarity(text: string, others: readonly string[]): Promise<readonly number[]>;
  };
  readonly log: {
    readonly debug: LogMethod;
    readonly info: LogMethod;
    readonly warn: LogMethod;
    readonly error: LogMethod;
  };
  readonly site: {
    readonly name: string;
    readonly url: string;
    readonly locale: string;
    /** Addresses of this host's site do not end with a slash. */
    readonly trailingSlash: "always" | "never" | "ignore";
  };
  /** The absolute address of a path of the site. */
  url(path: string): string;
}
