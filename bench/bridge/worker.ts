/**
 * The host, as it is deployed, over a database that counts what is written; and beside it the loops that measure one part
 * alone. The local clock goes on while code runs, in ticks of a millisecond.
 */
import { parseManifest } from "@bulkhead/sdk";
import { openDatabase } from "../../host/database/plugin-database.ts";
import type { ActivePlugin } from "../../host/registry/active-plugin.ts";
import { createKeptSettings, SETTINGS_MAX_AGE_S } from "../../host/settings/kept.ts";
import { readSettings } from "../../host/settings/read.ts";
import { checkStatement } from "../../host/sql/check-statement.ts";
import type { SqlPolicy } from "../../host/sql/policy.ts";
import { createSettingsStore } from "../../host/store/kv/settings.ts";
import { createWorker } from "../../host/worker.ts";
import type { Env } from "../../host/services.ts";
import type { Loop } from "./loop.ts";

const LOOP_MS = 300;

/** Batches and statements that write, since the last look. */
let writes = 0;
const WRITES = /^\s*(INSERT|UPDATE|DELETE|REPLACE|WITH\b.*\b(INSERT|UPDATE|DELETE)\b)/is;

function counting(db: D1Database): D1Database {
  const texts = new WeakMap<object, string>();
  const remember = (statement: D1PreparedStatement, text: string): D1PreparedStatement => {
    texts.set(statement, text);
    return new Proxy(statement, {
      get(real, name) {
        const member = real[name as keyof D1PreparedStatement] as (...args: unknown[]) => unknown;
        if (name === "bind") return (...values: unknown[]) => remember(member.apply(real, values) as never, text);
        if (name === "real") return real;
        return (...args: unknown[]) => {
          if (WRITES.test(text)) writes += 1;
          return member.apply(real, args);
        };
      },
    });
  };
  return new Proxy(db, {
    get(real, name) {
      if (name === "prepare") return (text: string) => remember(real.prepare(text), text);
      if (name === "batch") {
        return (statements: readonly (D1PreparedStatement & { readonly real: D1PreparedStatement })[]) => {
          const plain = statements.map((statement) => statement.real);
          if (plain.some((statement) => WRITES.test(texts.get(statement) ?? ""))) writes += 1;
          return real.batch(plain);
        };
      }
      return (real[name as keyof D1Database] as () => unknown).bind(real);
    },
  });
}

const policy: SqlPolicy = {
  own: new Map([
    ["items", "p_bench_items"],
    ["log", "p_bench_log"],
  ]),
  readable: new Map([["ec_posts", `SELECT "id", "slug", "title" FROM "ec_posts" WHERE status = 'published'`]]),
  writable: new Set(),
};
const STATEMENTS = [
  "SELECT id, k, v FROM items WHERE k = ? ORDER BY id DESC LIMIT 20",
  "INSERT INTO items (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v",
  "SELECT p.title, count(l.id) AS n FROM ec_posts AS p LEFT JOIN log AS l ON l.item_id = p.id GROUP BY p.id HAVING n > 2",
  "UPDATE items SET v = json_set(v, '$.seen', ?) WHERE id IN (SELECT item_id FROM log WHERE msg = ?)",
];

/** What the bench's own plugin would be: ten settings, two tables, and one of the site to read. */
function toPlugin(): ActivePlugin {
  const fields = Array.from({ length: 10 }, (_, i) => [`s${i}`, { type: "string", label: `S${i}` }]);
  const parsed = parseManifest({
    id: "bench",
    version: "1.0.0",
    admin: { settingsSchema: Object.fromEntries(fields) },
    bulkhead: { database: { read: ["ec_posts"] } },
  });
  if (!parsed.ok) throw new Error("The bench's manifest is not valid.");
  const { id, version } = parsed.manifest;
  const tables = [...policy.own].map(([name, physical]) => ({ plugin_id: id, name, physical, kind: "table" as const }));
  const { manifest } = parsed;
  return { id, version, digest: "", manifest, exports: { hooks: [], routes: [] }, grants: [], signature: null, tables };
}
const PLUGIN = toPlugin();

/** Repeats the work until the time is over. */
async function loop(work: (turn: number) => unknown): Promise<Loop> {
  const start = performance.now();
  let calls = 0;
  for (; performance.now() - start < LOOP_MS; calls += 1) await work(calls);
  return { calls, ms: performance.now() - start };
}

async function measure(name: string, env: Env): Promise<unknown> {
  switch (name) {
    case "guard":
      // A text that was never seen before each time.
      return loop((turn) => checkStatement(`${STATEMENTS[turn % STATEMENTS.length]!} -- ${turn}`, policy));
    case "guard-cached": {
      const database = await openDatabase(PLUGIN, "published", { db: env.DB, now: Date.now() });
      for (const text of STATEMENTS) {
        const checked = database.check(text);
        if (!checked.ok) throw new Error(checked.reason.message);
      }
      return loop((turn) => database.check(STATEMENTS[turn % STATEMENTS.length]!));
    }
    case "d1":
      return loop(() => env.DB.prepare("SELECT id, title FROM ec_posts WHERE id = ? LIMIT 20").bind("x").all());
    case "settings": {
      const settings = createKeptSettings(createSettingsStore(env.CACHE), {
        maxAgeMs: SETTINGS_MAX_AGE_S * 1_000,
        now: () => new Date(),
      });
      const read = (age: "fresh" | "kept") => readSettings({ settings, db: env.DB }, PLUGIN.manifest, { age });
      await read("fresh");
      const kept = await loop(() => read("kept"));
      await env.CACHE.put("settings:bench:s0", "put");
      const seen = (await read("fresh")).values.get("s0") === "put";
      return { ...kept, seen };
    }
    case "writes": {
      const count = writes;
      writes = 0;
      return { count };
    }
    default:
      throw new Error(`There is no measurement "${name}".`);
  }
}

const worker = createWorker<Env>((env) => ({ db: counting(env.DB) }));

export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/bench/")) return Response.json(await measure(pathname.slice("/bench/".length), env));
    return worker.fetch!(request, env, context);
  },
} satisfies ExportedHandler<Env>;
