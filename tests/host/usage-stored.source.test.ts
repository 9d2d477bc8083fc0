/** How much may a plugin store? On the Free plan, whose limits a test can fill. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { QUOTAS } from "../../host/usage/quotas.ts";
import { withTablePrefix } from "../../host/store/d1/prefixed-database.ts";
import { measureTables } from "../../host/store/d1/stored-tables.ts";
import { createWorker } from "../../host/worker.ts";
import { ORIGIN } from "../support/target.ts";
import { install, rows } from "./client.ts";
import { probe, type Bridged } from "./plugins.ts";

type Bindings = Cloudflare.Env;

const LIMITS = QUOTAS.free.gauges;
let worker = createWorker<Bindings>();

beforeEach(async () => {
  await target.reset();
  worker = createWorker<Bindings>(() => ({ log: () => {} }));
});

const plugin = (id: string) => probe(id, { routes: { put: PUT }, manifest: { storage: { notes: { indexes: [] } } } });
const PUT = `({ input: { id, size } }, ctx) => ctx.storage.notes.put(id, "x".repeat(size))`;

async function send(path: string, body: unknown) {
  const context = createExecutionContext();
  const init = {
    method: "POST",
    headers: { authorization: `Bearer ${env.BOOTSTRAP_TOKEN}`, "content-type": "application/json" },
  };
  const request = new Request(`${ORIGIN}${path}`, { ...init, body: JSON.stringify(body) });
  const response = await worker.fetch!(
    request as Request<unknown, IncomingRequestCfProperties>,
    { ...env, PLAN: "free" } as Bindings,
    context,
  );
  await waitOnExecutionContext(context);
  return (await response.json()) as { data: Bridged };
}
const ask = async (id: string, op: string, ...args: unknown[]) =>
  (await send(`/api/plugins/${id}/probe`, { op, args })).data;
const code = async (id: string, op: string, ...args: unknown[]) => (await ask(id, op, ...args)).error?.code ?? "ok";

/** Documents that are there already. */
const fill = (id: string, collection: string, count: number, data = "'1'") =>
  env.DB.batch([
    env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO _plugin_storage (plugin_id, collection, id, data) SELECT ?, ?, 'k' || i, ${data} FROM n`,
    ).bind(count, id, collection),
  ]);

/** So many columns, after another. */
const columns = (count: number) => Array.from({ length: count }, (_, i) => `, c${i}`).join("");
/** JSON of a string of so many digits, in SQL. */
const text = (chars: number) => `'"' || substr(hex(zeroblob(${Math.ceil(chars / 2)})), 1, ${chars}) || '"'`;

describe("what is stored", () => {
  it("may be as many kv keys as the quota has and not one more; one that is there may change, and one that goes makes room", async () => {
    await install(plugin("full"));
    await install(plugin("neighbour"));
    await fill("full", "__kv", LIMITS.kvKeys - 1);
    expect(await code("full", "kv.set", "last", 1)).toBe("ok");
    const { error } = await ask("full", "kv.set", "more", 1);
    expect(error).toMatchObject({ code: "QUOTA_EXCEEDED" });
    expect(error!.message).toContain(`${LIMITS.kvKeys} of ${LIMITS.kvKeys} kv keys (quota kvKeys)`);
    expect(await code("full", "kv.set", "last", 2)).toBe("ok");
    expect(await code("neighbour", "kv.set", "more", 1)).toBe("ok");
    expect(await code("full", "storage.notes.put", "a", 1)).toBe("ok");
    expect(await code("full", "kv.delete", "k1")).toBe("ok");
    expect(await code("full", "kv.set", "more", 1)).toBe("ok");
    expect(await code("full", "kv.set", "one more", 1)).toBe("QUOTA_EXCEEDED");
  });

  it("may be as many rows, all collections and keys together; a call that brings too many brings none", async () => {
    await install(plugin("full"));
    await fill("full", "notes", LIMITS.rowsStored - 2);
    const two = ["a", "b"].map((id) => ({ id, data: 1 }));
    expect(await code("full", "storage.notes.putMany", [...two, { id: "c", data: 1 }])).toBe("QUOTA_EXCEEDED");
    expect(await rows("SELECT id FROM _plugin_storage WHERE id IN ('a', 'b', 'c')")).toEqual([]);
    expect(await code("full", "storage.notes.putMany", [...two, { id: "k1", data: 2 }])).toBe("ok");
    expect(await code("full", "kv.set", "k", 1)).toBe("QUOTA_EXCEEDED");
    expect(await code("full", "storage.notes.deleteMany", ["a", "b", "nothing"])).toBe("ok");
    expect(await code("full", "kv.set", "k", 1)).toBe("ok");
  });

  it("may have as many bytes, names included; what replaces something counts for the difference", async () => {
    await install(plugin("full"));
    // Rows of D1 have at most 2 MB, and what is left fits one call of Free.
    const PART = 1_900_000;
    const left = 5_000;
    await fill("full", "notes", Math.floor(LIMITS.bytesStored / PART), text(PART - 10));
    const [{ bytes }] = (await rows<{ bytes: number }>(
      "SELECT sum(octet_length(id) + octet_length(data)) AS bytes FROM _plugin_storage",
    )) as [{ bytes: number }];
    await fill("full", "more", 1, text(LIMITS.bytesStored - bytes - left - 4));
    // Quotes and name are three bytes.
    const put = (id: string, size: number) => send("/api/plugins/full/put", { id, size });
    expect(await put("z", left - 3 + 1)).toMatchObject({ error: { code: "ROUTE_ERROR" } });
    expect(await put("z", left - 3)).toMatchObject({ data: null });
    expect(await put("y", 1)).toMatchObject({ error: { message: expect.stringContaining("quota bytesStored") } });
    expect(await put("z", left - 10)).toMatchObject({ data: null });
    expect(await put("y", 1)).toMatchObject({ data: null });
  });

  it("is not taken twice by calls side by side", async () => {
    await install(
      probe("eager", {
        routes: {
          all: `async (_, ctx) => {
            const made = await Promise.allSettled(Array.from({ length: 12 }, (_, i) => ctx.kv.set("new" + i, i)));
            return made.filter(({ status }) => status === "fulfilled").length;
          }`,
        },
      }),
    );
    await fill("eager", "__kv", LIMITS.kvKeys - 5);
    await send("/api/plugins/eager/probe", { op: "kv.set", args: ["k1", 1] });
    expect(await send("/api/plugins/eager/all", {})).toMatchObject({ data: 5 });
    expect(await rows("SELECT id FROM _plugin_storage WHERE id LIKE 'new%'")).toHaveLength(5);
  });

  const withTable = (id: string, sql = "CREATE TABLE items (id INTEGER PRIMARY KEY, v TEXT);") => ({
    ...probe(id, { manifest: { bulkhead: { database: {} } } }),
    files: { "migrations/0001_items.sql": sql },
  });
  const run = (id: string, sql: string, ...params: unknown[]) => code(id, "db.batch", [{ sql, params }]);
  /** Rows that are there before an isolate first looks. */
  const fillTable = async (id: string, count: number, value = "'1'") => {
    const [{ physical }] = (await rows<{ physical: string }>(
      `SELECT physical FROM _host_tables WHERE plugin_id = '${id}'`,
    )) as [{ physical: string }];
    await env.DB.batch([
      env.DB.prepare(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO "${physical}" (v) SELECT ${value} FROM n`,
      ).bind(count),
    ]);
  };

  it("of its own tables counts as rows too: a full plugin adds nothing anywhere, reads, deletes, and then goes on", async () => {
    await install(withTable("full"));
    await install(withTable("neighbour"));
    await fillTable("full", LIMITS.rowsStored - 1);
    expect(await run("full", "INSERT INTO items (v) VALUES (?)", "the last")).toBe("ok");
    expect(await run("full", "INSERT INTO items (v) VALUES (?)", "one more")).toBe("QUOTA_EXCEEDED");
    expect(await code("full", "kv.set", "k", 1)).toBe("QUOTA_EXCEEDED");
    expect(await run("full", "SELECT 1 FROM items LIMIT 1")).toBe("ok");
    expect(await run("neighbour", "INSERT INTO items (v) VALUES (?)", "its own")).toBe("ok");
    expect(await run("full", "DELETE FROM items WHERE id <= 10")).toBe("ok");
    // As another isolate sees it, or this one once it measures tables anew.
    worker = createWorker<Bindings>(() => ({ log: () => {} }));
    expect(await run("full", "INSERT INTO items (v) VALUES (?)", "after that")).toBe("ok");
  });

  it("of its own tables counts by the bytes of its values", async () => {
    await install(withTable("full"));
    const PART = 1_900_000;
    await fillTable("full", Math.floor(LIMITS.bytesStored / PART), `substr(hex(zeroblob(${PART})), 1, ${PART})`);
    expect(await run("full", "INSERT INTO items (v) VALUES (?)", "x".repeat(1_000))).toBe("ok");
    const left = LIMITS.bytesStored % PART;
    await fillTable("full", 1, `substr(hex(zeroblob(${left})), 1, ${left - 1_500})`);
    worker = createWorker<Bindings>(() => ({ log: () => {} }));
    expect(await run("full", "INSERT INTO items (v) VALUES (?)", "x".repeat(1_000))).toBe("QUOTA_EXCEEDED");
    expect(await run("full", "INSERT INTO items (v) VALUES (?)", "x")).toBe("ok");
  });

  it.each([
    ["a generated column that is stored", "CREATE TABLE items (v TEXT, w TEXT AS (v || v || v) STORED);", 1, 4_000],
    ["a generated column that is not", "CREATE TABLE items (v TEXT, w TEXT AS (v || v || v));", 1, 1_000],
    ["as many columns as a table may have", `CREATE TABLE items (v TEXT${columns(99)});`, 1, 1_000],
    ["columns with names of the host", "CREATE TABLE items (v TEXT, _host_state TEXT, _plugin_x TEXT);", 1, 1_000],
  ])("of its own tables counts whatever they are made of: %s", async (_, sql, count, bytes) => {
    await install(withTable("full", sql));
    await fillTable("full", 1, `substr(hex(zeroblob(500)), 1, 1000)`);
    expect(await measureTables({ db: env.DB, sql: env.DB }, "full")).toMatchObject({
      rowsStored: count,
      bytesStored: bytes,
    });
    expect(await run("full", "INSERT INTO items (v) VALUES (?)", "goes on")).toBe("ok");
    // Under a prefix the host's names are others; a plugin's columns keep theirs.
    await env.DB.prepare("CREATE TABLE x_tables AS SELECT * FROM _host_tables").run();
    const prefixed = { db: withTablePrefix(env.DB, "x_"), sql: env.DB };
    expect(await measureTables(prefixed, "full")).toMatchObject({ rowsStored: 2 });
    await env.DB.prepare("DROP TABLE x_tables").run();
  });

  it.each(["", ", content=''", ", content='', columnsize=0", ", content='items'"])(
    "of its own tables counts what a full-text index takes: fts5(v%s)",
    async (option) => {
      await install(
        withTable("full", `CREATE TABLE items (v TEXT); CREATE VIRTUAL TABLE found USING fts5(v${option});`),
      );
      const words = Array.from({ length: 2_000 }, (_, i) => `word${i}`).join(" ");
      expect(await run("full", "INSERT INTO found (rowid, v) VALUES (1, ?)", words)).toBe("ok");
      const { bytesStored } = await measureTables({ db: env.DB, sql: env.DB }, "full");
      expect(bytesStored).toBeGreaterThan(10_000);
    },
  );

  describe("by one statement that makes rows grow", () => {
    const MiB = 1_048_576;
    /** 300 rows of 8,000 characters, and a neighbour that has as many. */
    const filled = async () => {
      for (const id of ["full", "neighbour"]) {
        await install(withTable(id));
        await fillTable(id, 300, "substr(hex(zeroblob(4000)), 1, 8000)");
      }
    };
    const double = (id: string) => run(id, "UPDATE items SET v = v || v");
    const stored = async (id: string): Promise<number> => {
      const [{ physical }] = (await rows<{ physical: string }>(
        `SELECT physical FROM _host_tables WHERE plugin_id = '${id}'`,
      )) as [{ physical: string }];
      const [{ bytes }] = (await rows<{ bytes: number }>(
        `SELECT sum(octet_length(v)) AS bytes FROM "${physical}"`,
      )) as [{ bytes: number }];
      return bytes;
    };

    it("ends at the quota, and the statement that would pass it changes nothing", async () => {
      await filled();
      const codes: string[] = [];
      for (let round = 0; round < 6; round += 1) codes.push(await double("full"));
      expect(codes).toContain("ok");
      expect(codes.at(-1)).toBe("QUOTA_EXCEEDED");
      expect(await stored("full")).toBeLessThanOrEqual(LIMITS.bytesStored);
      expect(await stored("full")).toBeGreaterThan(LIMITS.bytesStored / 4);
      expect(await stored("neighbour")).toBe(300 * 8_000);
      expect(await double("neighbour")).toBe("ok");
    });

    it.each([
      ["copies rows", "INSERT INTO items (v) SELECT v FROM items"],
      ["computes", "UPDATE items SET v = replace(v, '0', '00')"],
    ])("that %s ends there too", async (_what, sql) => {
      await filled();
      const codes: string[] = [];
      for (let round = 0; round < 6; round += 1) codes.push(await run("full", sql));
      expect(codes.at(-1)).toBe("QUOTA_EXCEEDED");
      expect(await stored("full")).toBeLessThanOrEqual(LIMITS.bytesStored);
    });

    it("that puts one value into all ends there too", async () => {
      await install(withTable("full"));
      await fillTable("full", 12_000);
      const value = "x".repeat(5_000);
      expect(await run("full", "UPDATE items SET v = ? WHERE id <= 1000", value)).toBe("ok");
      expect(await run("full", "UPDATE items SET v = ?", value)).toBe("QUOTA_EXCEEDED");
      expect(await stored("full")).toBe(1_000 * 5_000 + 11_000);
    });

    it("of a batch that passes it nothing is kept; few rows are changed without counting", async () => {
      await filled();
      const statements = [
        { sql: "INSERT INTO items (v) VALUES ('first')", params: [] },
        ...Array.from({ length: 6 }, () => ({ sql: "UPDATE items SET v = v || v", params: [] })),
      ];
      const answer = await ask("full", "db.batch", statements);
      expect(answer.error).toMatchObject({
        code: "QUOTA_EXCEEDED",
        message: expect.stringContaining(`${50 * MiB} bytes (quota bytesStored). Nothing was changed`) as string,
      });
      expect(await stored("full")).toBe(300 * 8_000);
      expect(await run("full", "UPDATE items SET v = lower(v) WHERE id = 1")).toBe("ok");
    });

    it("that its table computes ends there too", async () => {
      await install({
        ...withTable("full"),
        files: {
          "migrations/0001_items.sql":
            "CREATE TABLE items (id INTEGER PRIMARY KEY, v TEXT, w TEXT AS (v || v || v || v || v || v || v || v) STORED, x TEXT AS (w || w || w || w || w || w || w || w) STORED, y TEXT AS (x || x || x || x) STORED);",
        },
      });
      const codes: string[] = [];
      for (let round = 0; round < 40; round += 1)
        codes.push(await run("full", "INSERT INTO items (v) VALUES (?)", "x".repeat(5_000)));
      expect(codes[0]).toBe("ok");
      expect(codes.at(-1)).toBe("QUOTA_EXCEEDED");
      // Of v itself; the rest is what the table makes of it.
      expect((await stored("full")) * (1 + 8 + 64 + 256)).toBeLessThanOrEqual(LIMITS.bytesStored);
    });
  });

  it("of files counts by their bytes, for whoever uploaded them", async () => {
    const uploader = (id: string) => probe(id, { capabilities: ["media:write"] });
    await install(uploader("full"));
    await install(uploader("neighbour"));
    await env.DB.batch([
      env.DB.prepare(
        "INSERT INTO media (id, filename, mime_type, size, storage_key) VALUES ('m', 'a.png', 'image/png', ?, 'm.png')",
      ).bind(LIMITS.bytesStored - 10),
      env.DB.prepare("INSERT INTO _host_uploads (media_id, plugin_id) VALUES ('m', 'full')"),
    ]);
    const png = { bytes: btoa("\x89PNG\r\n\x1a\n and more") };
    expect(await code("full", "media.upload", "b.png", "image/png", png)).toBe("QUOTA_EXCEEDED");
    expect(await code("neighbour", "media.upload", "b.png", "image/png", png)).toBe("ok");
    expect(await rows("SELECT id FROM media")).toHaveLength(2);
  });
});
