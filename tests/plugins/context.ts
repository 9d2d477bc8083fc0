/**
 * What do the plugin's handlers run with? The contract's `ctx` over plain memory, and real requests: `http.fetch` fills in
 * secrets as the host does and sends everything to one server on loopback, whatever host was asked for.
 */
import type { ContentItem, Json, PluginContext, SettingValue } from "@bulkhead/sdk";

/** The key that every provider has in these tests. Must turn up in request headers and nowhere else. */
export const KEY = "sk-live-4f9aT0pSecret7be1c2";

/** What a test starts from. */
export interface World {
  readonly values?: Readonly<Record<string, SettingValue>>;
  readonly posts?: readonly { readonly title: string; readonly slug?: string }[];
  /** The server that answers for every host. */
  readonly server: string;
  /** Caps the time a request may take, below what the plugin asks. */
  readonly timeoutMs?: number;
}

/** A request as the plugin made it. */
export interface SeenRequest {
  readonly url: string;
  readonly secretHeaders: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a test looks at. */
export interface Context {
  readonly ctx: PluginContext;
  readonly items: readonly ContentItem[];
  readonly created: readonly { readonly data: Readonly<Record<string, unknown>>; readonly options: unknown }[];
  readonly requests: readonly SeenRequest[];
  readonly logs: readonly { readonly level: string; readonly message: string; readonly data: unknown }[];
  readonly kv: Map<string, unknown>;
  readonly settings: Map<string, SettingValue>;
  /** Host calls made so far. */
  calls(): number;
}

export function createContext({ values = {}, posts = [], server, timeoutMs = 5_000 }: World): Context {
  const items: ContentItem[] = posts.map(({ title, slug = `post-${title.length}` }, i) =>
    toItem(`old-${i}`, { title }, slug),
  );
  const created: Context["created"][number][] = [];
  const requests: SeenRequest[] = [];
  const logs: Context["logs"][number][] = [];
  const kv = new Map<string, unknown>();
  const settings = new Map(Object.entries({ provider: "openai", ...values }));
  const keyed = new Map<string, ContentItem>();
  let calls = 0;
  const counted = async <Value>(work: () => Value | Promise<Value>): Promise<Value> => {
    calls += 1;
    return work();
  };
  const log = (level: string) => (message: string, data?: unknown) => void logs.push({ level, message, data });
  const unused = (name: string): never => {
    throw new Error(`The plugin is not expected to call ${name}`);
  };
  const ctx: PluginContext = {
    plugin: { id: "auto-blog-seo", version: "1.0.0" },
    site: { name: "Harbour Notes", url: "https://blog.example", locale: "en" },
    url: (path) => `https://blog.example${path}`,
    log: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
    storage: {},
    cron: { schedule: () => unused("cron"), cancel: () => unused("cron"), list: () => unused("cron") },
    kv: {
      get: <Value>(key: string) => counted(() => (structuredClone(kv.get(key)) as Value | undefined) ?? null),
      set: (key, value) => counted(() => void kv.set(key, structuredClone(value))),
      delete: () => unused("kv.delete"),
      list: () => unused("kv.list"),
    },
    settings: {
      get: () => unused("settings.get"),
      all: () => counted(() => Object.fromEntries(settings)),
    },
    text: {
      markdownToPortableText: (markdown) =>
        counted(() =>
          markdown.split("\n\n").map((text, i) => ({ _type: "block", _key: `b${i}`, children: [{ text }] })),
        ),
      slugify: () => unused("text.slugify"),
    },
    content: {
      list: (_, options) =>
        counted(() => {
          const at = Number(options?.cursor ?? 0);
          const end = at + (options?.limit ?? 50);
          const page = items.slice(at, end);
          return end < items.length
            ? { items: page, hasMore: true, cursor: String(end) }
            : { items: page, hasMore: false };
        }),
      create: (_, data, options = {}) =>
        counted(() => {
          const before = keyed.get(options.idempotencyKey ?? "");
          if (before) return before;
          created.push({ data, options });
          const item = toItem(
            `new-${created.length}`,
            data,
            String(data.slug ?? `new-${created.length}`),
            options.publish,
          );
          items.unshift(item);
          if (options.idempotencyKey !== undefined) keyed.set(options.idempotencyKey, item);
          return item;
        }),
      get: () => unused("content.get"),
      update: () => unused("content.update"),
      delete: () => unused("content.delete"),
      publish: () => unused("content.publish"),
      unpublish: () => unused("content.unpublish"),
    },
    http: {
      fetch: (url, init = {}) =>
        counted(() => {
          const { method = "GET", headers = {}, secretHeaders = {}, body = "" } = init;
          requests.push({ url, secretHeaders, body });
          const filled = Object.entries(secretHeaders).map(([name, text]) => [name, text.replace(/\{\{\w+\}\}/, KEY)]);
          const { pathname } = new URL(url);
          return fetch(`${server}${pathname}`, {
            method,
            headers: { ...headers, ...(Object.fromEntries(filled) as Record<string, string>) },
            body,
            signal: AbortSignal.timeout(Math.min(timeoutMs, init.timeoutMs ?? 30_000)),
          });
        }),
    },
  };
  return { ctx, items, created, requests, logs, kv, settings, calls: () => calls };
}

function toItem(id: string, data: Readonly<Record<string, unknown>>, slug: string, publish = false): ContentItem {
  const at = "2026-03-01T00:00:00.000Z";
  return {
    id,
    type: "posts",
    slug,
    status: publish ? "published" : "draft",
    locale: "en",
    data,
    createdAt: at,
    updatedAt: at,
    publishedAt: publish ? at : null,
  };
}

/** Everything a test's plugin left behind in text, for looking for what must not be there. */
export function traces({ logs, kv, created, requests }: Context): Json {
  return JSON.stringify([logs, [...kv], created, requests]);
}
