/**
 * What does the plugin run against here? A `ctx` in memory, at the contract's boundary: settings parsed by the manifest,
 * kv, posts with idempotency keys, the host's own Markdown; requests really leave, to a server on loopback.
 */
import {
  defaultSetting,
  parseSetting,
  type ContentItem,
  type FetchInit,
  type FetchResponse,
  type PluginContext,
  type SettingValue,
} from "@bulkhead/sdk";
import { markdownToPortableText } from "../../host/content/markdown.ts";
import { slugify } from "../../host/content/slug.ts";
import { plugin, readManifest } from "./auto-blog-manifest.ts";

/** Keys of every provider; distinct, so that a test can tell which one went where. */
export const KEYS: Readonly<Record<string, string>> = {
  openaiKey: "sk-openai-1234567890abcdef",
  anthropicKey: "sk-ant-1234567890abcdef",
  deepseekKey: "sk-deepseek-1234567890abcdef",
  openrouterKey: "sk-or-1234567890abcdef",
  customKey: "any9text0for1our2own3server",
};

/** A request as it left, secrets filled in. */
export interface SentRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secretHeaders: Readonly<Record<string, string>>;
  readonly body: string;
}
/** A `content.create` as it arrived. */
export interface Creation {
  readonly collection: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A site with the plugin on it. */
export interface MemorySite {
  readonly ctx: PluginContext;
  readonly kv: Map<string, unknown>;
  /** Newest first. */
  readonly posts: ContentItem[];
  readonly sent: SentRequest[];
  readonly creations: Creation[];
  readonly logs: string[];
  /** Calls of the host, logs apart. */
  readonly calls: string[];
  /** As `wrangler kv key put` does. */
  set(key: string, text: string): void;
  /** One occurrence of the schedule. */
  run(scheduledAt?: string): Promise<void>;
  addPost(title: string, slug?: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Hosts that answer, by name. */
export type Servers = Readonly<Record<string, string>>;

const AT = "2026-11-20T06:00:00.000Z";
const PLACEHOLDER = /\{\{([A-Za-z]+)\}\}/g;

/** A site whose requests to `servers` are answered there. `waitMs` stands for the wait that a request asks for. */
export async function createMemorySite({
  servers,
  settings = {},
  secrets = KEYS,
  waitMs,
}: {
  readonly servers: Servers;
  readonly settings?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly waitMs?: number;
}): Promise<MemorySite> {
  const manifest = await readManifest();
  const texts = new Map(Object.entries(settings));
  const kv = new Map<string, unknown>();
  const posts: ContentItem[] = [];
  const byKey = new Map<string, ContentItem>();
  const [sent, creations, logs, calls]: [SentRequest[], Creation[], string[], string[]] = [[], [], [], []];

  const called = <Value>(name: string, value: () => Value): Promise<Value> => {
    calls.push(name);
    return Promise.resolve().then(value);
  };
  const log = (message: string, data?: unknown): void => void logs.push(`${message} ${JSON.stringify(data) ?? ""}`);
  const denied = (): never => {
    throw new Error("The plugin has no use for this call");
  };

  function readSettings(): Readonly<Record<string, SettingValue>> {
    const values: Record<string, SettingValue> = {};
    for (const [key, field] of Object.entries(manifest.admin.settingsSchema)) {
      const text = texts.get(key);
      const parsed = text === undefined || field.type === "secret" ? undefined : parseSetting(field, text);
      const value = parsed?.ok ? parsed.value : defaultSetting(field);
      if (value !== undefined) values[key] = value;
    }
    return values;
  }

  function toItem(data: Readonly<Record<string, unknown>>, slug: string, status: string): ContentItem {
    const number = posts.length + 1;
    return {
      id: `post-${number}`,
      type: "posts",
      slug,
      status,
      locale: "en",
      data,
      createdAt: AT,
      updatedAt: AT,
      publishedAt: status === "published" ? AT : null,
    };
  }

  async function send(address: string, init: FetchInit = {}): Promise<FetchResponse> {
    const url = new URL(address);
    const target = servers[url.hostname];
    if (url.protocol !== "https:" || target === undefined) throw new Error(`Host not allowed: ${url.hostname}.`);
    const filled = Object.entries(init.secretHeaders ?? {}).map(([name, text]) => [name, fill(text)] as const);
    const headers = { ...init.headers, ...Object.fromEntries(filled) };
    const { method = "GET", body = "", secretHeaders = {}, timeoutMs = 30_000 } = init;
    if (typeof body !== "string") throw new Error("Expected a body of text: that is all the plugins here send.");
    sent.push({ url: address, method, headers, secretHeaders, body });
    const signal = AbortSignal.timeout(waitMs ?? timeoutMs);
    try {
      return await fetch(`${target}${url.pathname}${url.search}`, { method, headers, body, signal });
    } catch {
      throw new Error(
        signal.aborted
          ? `The request to ${url.hostname} took too long and was given up.`
          : `The request to ${url.hostname} failed: no answer.`,
      );
    }
  }

  function fill(text: string): string {
    return text.replace(PLACEHOLDER, (_, name: string) => {
      const value = secrets[name];
      if (value === undefined) throw new Error(`The secret "${name}" is not set. Set it in the plugin's settings.`);
      return value;
    });
  }

  const ctx: PluginContext = {
    plugin: { id: manifest.id, version: manifest.version },
    site: { name: "Garden Notes", url: "https://garden.example", locale: "en", trailingSlash: "never" },
    url: (path) => `https://garden.example${path}`,
    storage: {},
    kv: {
      get: <Value>(key: string) => called("kv.get", () => (structuredClone(kv.get(key)) ?? null) as Value | null),
      set: (key, value) => called("kv.set", () => void kv.set(key, structuredClone(value))),
      delete: denied,
      list: denied,
      getVersioned: denied,
      compareAndSet: denied,
      compareAndDelete: denied,
    },
    settings: {
      get: <Value extends SettingValue>(key: string) =>
        called("settings.get", () => (readSettings()[key] ?? null) as Value | null),
      all: () => called("settings.all", readSettings),
    },
    content: {
      get: denied,
      list: (_, { limit = 50, cursor = "0" } = {}) =>
        called("content.list", () => {
          const end = Number(cursor) + limit;
          const items = posts.slice(Number(cursor), end);
          return end < posts.length ? { items, cursor: String(end), hasMore: true } : { items, hasMore: false };
        }),
      create: (collection, data, options = {}) =>
        called("content.create", () => {
          creations.push({ collection, data, options: { ...options } });
          const { slug, seo: _seo, ...fields } = data;
          const first = byKey.get(options.idempotencyKey ?? "");
          const item =
            first ?? toItem(fields, slug ?? slugify(String(data["title"])), options.publish ? "published" : "draft");
          if (!first) posts.unshift(item);
          byKey.set(options.idempotencyKey ?? "", item);
          return item;
        }),
      update: denied,
      delete: denied,
      publish: denied,
      unpublish: denied,
      getTranslations: denied,
      getPublicUrl: denied,
      listRevisions: denied,
      getRevision: denied,
    },
    taxonomies: { getAll: denied, getTerms: denied, getEntryTerms: denied },
    media: { get: denied, list: denied, upload: denied, delete: denied, getUploadUrl: denied },
    users: { get: denied, getByEmail: denied, list: denied },
    http: {
      fetch: (url, init) => {
        calls.push("http.fetch");
        return send(url, init);
      },
    },
    db: { prepare: denied, batch: denied },
    cron: {
      schedule: denied,
      cancel: denied,
      list: () =>
        called("cron.list", () => [
          { name: "generate", schedule: "0 */6 * * *", nextRunAt: "2026-11-20T12:00:00.000Z", lastRunAt: null },
        ]),
    },
    text: {
      markdownToPortableText: (markdown) => called("text.markdown", () => markdownToPortableText(markdown)),
      markdownToHtml: denied,
      sanitizeHtml: denied,
      portableTextToHtml: denied,
      slugify: (text) => called("text.slugify", () => slugify(text)),
      similarity: denied,
    },
    email: { send: denied },
    ai: { generate: denied },
    log: { debug: log, info: log, warn: log, error: log },
  };

  return {
    ctx,
    kv,
    posts,
    sent,
    creations,
    logs,
    calls,
    set: (key, text) => void texts.set(key, text),
    async run(scheduledAt = AT) {
      const cron = plugin.hooks?.cron;
      const handler = typeof cron === "object" ? cron.handler : cron;
      if (!handler) throw new Error("The plugin has no cron hook");
      await handler({ name: "generate", scheduledAt }, ctx);
    },
    addPost: (title, slug = slugify(title), fields = {}) =>
      void posts.unshift(toItem({ title, ...fields }, slug, "published")),
  };
}
