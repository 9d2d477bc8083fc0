/**
 * What do these tests run against? The content API and the site in a small Hono app, on the real D1 of workerd. Hooks are
 * written by hand here: the pipeline is a boundary with tests of its own.
 */
import { applyD1Migrations, env } from "cloudflare:test";
import type { ContentItem, PortableTextBlock } from "@bulkhead/sdk";
import { Hono } from "hono";
import type { Actor, Role } from "../../host/actor.ts";
import { contentApi } from "../../host/api/content.ts";
import type { HostEnv } from "../../host/api/context.ts";
import { toBoundaryError } from "../../host/api/validation.ts";
import { createContent } from "../../host/content/content.ts";
import type { ContentService, CreateInput } from "../../host/content/service.ts";
import { HostError, toProblemResponse } from "../../host/errors.ts";
import type { Asked, Contribution, Hooks, PlacedContribution } from "../../host/hooks/hooks.ts";
import type { Services } from "../../host/services.ts";
import { createSite } from "../../host/site/site.ts";

declare global {
  namespace Cloudflare {
    interface Env {
      readonly DB: D1Database;
      readonly TEST_MIGRATIONS: Parameters<typeof applyD1Migrations>[1];
    }
  }
}

export const EDITOR = { kind: "user", id: "user-1", name: "Edda", role: "editor" } as const satisfies Actor;
export const PLUGIN = { kind: "plugin", id: "auto-blog", name: "Auto Blog" } as const satisfies Actor;

/** An event as it reached the hooks. */
export interface Fired {
  readonly hook: string;
  readonly event: Readonly<Record<string, unknown>>;
}

/** Hooks that do what a test says and remember what was fired, in order. */
export interface TestHooks extends Hooks {
  readonly fired: Fired[];
}

export function createTestHooks(
  options: {
    readonly beforeSave?: (content: Record<string, unknown>) => Record<string, unknown>;
    readonly refuseDelete?: string;
    readonly metadata?: readonly Contribution[];
    readonly blocks?: readonly PlacedContribution[];
    readonly answer?: Asked;
  } = {},
): TestHooks {
  const fired: Fired[] = [];
  return {
    fired,
    filter: async (hook, event, member, value) => {
      fired.push({ hook, event: { ...event, [member]: structuredClone(value) } });
      return options.beforeSave ? options.beforeSave(structuredClone(value)) : value;
    },
    veto: async (hook, event) => {
      fired.push({ hook, event });
      if (options.refuseDelete !== undefined) throw new HostError("REFUSED_BY_PLUGIN", options.refuseDelete);
    },
    action: (hook, event) => {
      fired.push({ hook, event });
    },
    collect: async (hook, event) => {
      fired.push({ hook, event });
      return options.metadata ?? [];
    },
    offer: async () => options.blocks ?? [],
    ask: async () => options.answer,
  };
}

/** One line that the host has logged. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly data: Record<string, unknown> | undefined;
}

/** The app of a test with all that it can look at. */
export interface TestHost {
  readonly request: (path: string, init?: RequestInit & { readonly role?: Role | "visitor" }) => Promise<Response>;
  readonly content: ContentService;
  readonly hooks: TestHooks;
  readonly log: readonly LogLine[];
  readonly db: D1Database;
}

let clock = Date.parse("2026-11-01T00:00:00.000Z");
let lastId = 0;

/** The content API and the site. `db` replaces the database, e.g. by one that fails. */
export function createTestHost(
  options: { readonly hooks?: TestHooks; readonly db?: D1Database; readonly siteUrl?: string } = {},
): TestHost {
  const log: LogLine[] = [];
  const hooks = options.hooks ?? createTestHooks();
  const services = {
    db: options.db ?? env.DB,
    // Each reading is one second later, so that orders by time are what the test wrote.
    now: () => new Date((clock += 1_000)),
    newId: () => `01TEST${String((lastId += 1)).padStart(20, "0")}`,
    log: (level: string, message: string, data?: Record<string, unknown>) => {
      log.push({ level, message, data });
    },
    site: { name: "Tidewrack", url: options.siteUrl, locale: "en" },
  } as Partial<Services> as Services;
  const app = new Hono<HostEnv>();
  app.use(async (c, next) => {
    c.set("services", services);
    c.set("hooks", hooks);
    const role = (c.req.header("x-test-role") ?? "editor") as Role | "visitor";
    c.set("actor", role === "visitor" ? undefined : { kind: "user", id: "user-1", name: "Edda", role });
    await next();
  });
  app.onError((error) => toProblemResponse(toBoundaryError(error)));
  app.route("/api/content", contentApi);
  app.route("/", createSite());
  return {
    request: async (path, { role, ...init } = {}) => {
      const headers = new Headers(init.headers);
      if (role !== undefined) headers.set("x-test-role", role);
      return app.request(`https://tidewrack.test${path}`, { ...init, headers });
    },
    content: createContent({ services, hooks }),
    hooks,
    log,
    db: services.db,
  };
}

/** An empty database with the host's tables and the posts collection. */
export async function resetDatabase(): Promise<void> {
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  const tables = ["ec_posts", "revisions", "_emdash_seo", "content_taxonomies", "taxonomies", "_host_idempotency"];
  await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
}

/** How many rows a table has. */
export async function count(table: string): Promise<number> {
  return (await env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<number>("n")) ?? -1;
}

/** A paragraph. */
export function paragraph(text: string, more: Readonly<Record<string, unknown>> = {}): PortableTextBlock {
  return {
    _type: "block",
    _key: "b",
    style: "normal",
    markDefs: [],
    children: [{ _type: "span", _key: "s", text, marks: [] }],
    ...more,
  };
}

/** A post of a title and one paragraph, a draft unless `publish`. */
export function post(title: string, more: Partial<CreateInput> = {}): CreateInput {
  return { ...more, data: { title, content: [paragraph(`About ${title}`)], ...more.data } };
}

/** The JSON of an answer. */
export async function readJson<Value = Record<string, unknown>>(response: Response): Promise<Value> {
  return (await response.json()) as Value;
}

/** Sends JSON. */
export function sendJson(method: string, value: unknown): RequestInit {
  return { method, body: JSON.stringify(value), headers: { "content-type": "application/json" } };
}

export type { ContentItem };
