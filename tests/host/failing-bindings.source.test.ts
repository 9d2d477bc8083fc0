/**
 * What does a plugin learn when the platform under a call fails? A code, and that it was logged: never the words of the
 * database, of KV, of R2 or of the network. Each method of `ctx` once with real bindings that fail with a telling message.
 */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { CONTEXT_METHODS } from "../../host/bridges/table.ts";
import { createWorker } from "../../host/worker.ts";
import { createPost, install, ORIGIN } from "./client.ts";
import { ALL_POWERS, probe } from "./plugins.ts";

beforeEach(() => target.reset());

const WORDS = "/srv/host/d1.ts:14 SELECT * FROM _host_secrets WHERE token = 'hunter2' wasm://wasm/8f3 SQLITE_ERROR";
const LEAKS = /hunter2|\/srv|SELECT|_host_|SQLITE|wasm:|D1_ERROR|\.ts\b|KV|R2\b/;
const fails = (kind: string) => Promise.reject(new Error(`${kind}: ${WORDS}`));

/** A binding that works until `isBroken`. */
function breakable<Binding extends object>(binding: Binding, isBroken: () => boolean): Binding {
  return new Proxy(binding, {
    get(real, name) {
      const member: unknown = Reflect.get(real, name);
      if (typeof member !== "function") return member;
      if (!isBroken()) return member.bind(real) as unknown;
      const answer = () => fails("D1_ERROR");
      const statement = { bind: () => statement, first: answer, all: answer, run: answer, raw: answer };
      return name === "prepare" ? () => statement : answer;
    },
  });
}

/** A call of each method that reaches what is under it. */
const CALLS: Readonly<Record<string, readonly unknown[]>> = {
  "kv.get": ["a"],
  "kv.set": ["a", 1],
  "kv.delete": ["a"],
  "kv.list": [],
  "kv.getVersioned": ["a"],
  "kv.compareAndSet": ["a", null, 1],
  "kv.compareAndDelete": ["a", "01J0000000000000000000000A"],
  "settings.get": ["tone"],
  "settings.all": [],
  "content.get": ["posts", "x"],
  "content.list": ["posts"],
  "content.create": ["posts", { title: "T" }],
  "content.update": ["posts", "x", { title: "T" }],
  "content.delete": ["posts", "x"],
  "content.publish": ["posts", "x"],
  "content.unpublish": ["posts", "x"],
  "content.getPublicUrl": ["posts", "x"],
  "content.getTranslations": ["posts", "x"],
  "content.listRevisions": ["posts", "x"],
  "content.getRevision": ["posts", "x", "y"],
  "taxonomies.getAll": [],
  "taxonomies.getTerms": ["category"],
  "taxonomies.getEntryTerms": ["posts", "x"],
  "media.get": ["x"],
  "media.list": [],
  "media.upload": ["a.png", "image/png", { bytes: btoa("\x89PNG\r\n\x1a\n") }],
  "media.delete": ["x"],
  "users.get": ["x"],
  "users.getByEmail": ["ada@shop.dev"],
  "users.list": [],
  "http.fetch": ["https://a.shop.dev/"],
  "db.batch": [[{ sql: "SELECT id FROM items", params: [] }]],
  "cron.schedule": ["task", { schedule: "0 6 * * *" }],
  "cron.cancel": ["task"],
  "cron.list": [],
  "email.send": [{ to: "ada@shop.dev", subject: "Hello", text: "Hi" }],
  "ai.generate": [{ prompt: "Hi", maxTokens: 10 }],
  "storage.items.get": ["a"],
  "storage.items.put": ["a", { name: "n" }],
  "storage.items.delete": ["a"],
  "storage.items.exists": ["a"],
  "storage.items.getMany": [["a"]],
  "storage.items.putMany": [[{ id: "a", data: { name: "n" } }]],
  "storage.items.deleteMany": [["a"]],
  "storage.items.query": [{}],
  "storage.items.count": [],
  "storage.items.getVersioned": ["a"],
  "storage.items.compareAndSet": ["a", null, { name: "n" }],
  "storage.items.compareAndDelete": ["a", "01J0000000000000000000000A"],
};
/** Methods that reach nothing: they only work on what they are given. */
const PURE = /^text\./;

/** Calls a method once the platform has broken under it: before, the request was let in and the grants were read. */
const LATE = `async ({ input: { op, args } }, ctx) => {
  await ctx.http.fetch("https://a.shop.dev/break");
  const path = op.split("."), method = path.pop();
  const family = path.reduce((place, name) => place[name], ctx);
  try {
    return { value: (await family[method](...args.map((arg) =>
      typeof arg?.bytes === "string" ? Uint8Array.from(atob(arg.bytes), (char) => char.charCodeAt(0)) : arg))) ?? null };
  } catch (error) {
    return { error: { ...error, name: error.name, code: error.code, message: error.message, stack: error.stack } };
  }
}`;

const spy = () => {
  const source = probe("spy", {
    capabilities: ALL_POWERS,
    hosts: ["a.shop.dev"],
    hooks: { cron: `() => {}` },
    routes: { late: LATE },
    manifest: {
      storage: { items: { indexes: ["name"] } },
      admin: { settingsSchema: { tone: { type: "string", label: "Tone" } } },
    },
  });
  return { ...source, files: { "migrations/0001_items.sql": "CREATE TABLE items (id INTEGER PRIMARY KEY);" } };
};

describe("a method whose binding fails", () => {
  it("is in the table above, whatever is added", () => {
    const reaching = CONTEXT_METHODS.map(({ name }) => name.replace(/^storage\./, "storage.items."));
    expect(Object.keys(CALLS).toSorted()).toEqual(reaching.filter((name) => !PURE.test(name)).toSorted());
  });

  it("tells the guest a code and nothing of the platform's words", async () => {
    await install(spy());
    await createPost("There");
    let isBroken = false;
    const broken = () => isBroken;
    const logged: string[] = [];
    const bindings = {
      ...env,
      DB: breakable(env.DB, broken),
      CACHE: breakable(env.CACHE, broken),
      BUNDLES: breakable(env.BUNDLES, broken),
    };
    const worker = createWorker<Cloudflare.Env>(() => ({
      log: (_level, message, data) => void logged.push(`${message} ${JSON.stringify(data)}`),
      fetch: async ({ url }) => {
        if (!url.endsWith("/break")) return fails("connect ECONNREFUSED");
        isBroken = true;
        return new Response("");
      },
    }));
    async function ask(op: string, args: readonly unknown[]) {
      const context = createExecutionContext();
      const request = new Request(`${ORIGIN}/api/plugins/spy/late`, {
        method: "POST",
        headers: { authorization: `Bearer ${env.BOOTSTRAP_TOKEN}`, "content-type": "application/json" },
        body: JSON.stringify({ op, args }),
      });
      const answering = worker.fetch!(request as never, bindings, context);
      const response = await answering;
      await waitOnExecutionContext(context);
      return (await response.json()) as {
        data?: { value?: unknown; error?: { code?: string; message: string } };
        error?: unknown;
      };
    }
    for (const [op, args] of Object.entries(CALLS)) {
      const answer = await ask(op, args);
      expect({ op, isBroken }).toEqual({ op, isBroken: true });
      isBroken = false;
      const told = JSON.stringify(answer);
      expect({ op, told }).toEqual({ op, told: expect.not.stringMatching(LEAKS) });
      // A request that gets no answer is told as one.
      const code = op === "http.fetch" ? "FAILED" : "INTERNAL";
      expect({ op, code: answer.data?.error?.code }).toEqual({ op, code });
    }
    // Whoever runs the host reads what happened.
    expect(logged.join("\n")).toContain("hunter2");
  });
});
