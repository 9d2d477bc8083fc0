/** Does the audit tell when somebody tampers with it? Whatever is done to its rows, its end, its hashes or its anchors. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { createDenialTally, DENIAL_LIMITS, toDenialRows, toMinute } from "../../host/audit/denials.ts";
import { ANCHOR_DELAY_MS } from "../../host/audit/fault.ts";
import { addDenials, listDenials, takeDenials } from "../../host/store/d1/denials.ts";
import {
  hashOf,
  LENGTH,
  plantChain,
  rewrite,
  runUnguarded,
  TAMPERINGS,
  type StoredRow,
} from "../support/audit-tampering.ts";
import { SECRETS } from "../support/target.ts";
import { call, callRoute, consent, eventually, install, must, rows, upload } from "./client.ts";
import { bridge, probe, sketch } from "./plugins.ts";

beforeEach(() => target.reset());

interface Verification {
  readonly ok: boolean;
  readonly length: number;
  readonly head: string;
  readonly brokenAt?: number;
  readonly reason?: string;
  readonly anchor: { readonly seq: number; readonly at: string; readonly ok: boolean } | "none" | null;
}

const verify = () => must<Verification>("GET", "/api/admin/audit/verify");
/** The cheapest act there is. */
const act = () => must<{ key: string }>("POST", "/api/admin/audit/key");
const chain = () => rows<StoredRow>("SELECT * FROM _host_audit ORDER BY seq");
const anchors = async () => (await target.env.BUNDLES.list({ prefix: "audit/" })).objects.map(({ key }) => key);
const keyOf = (seq: number) => `audit/heads/${String(seq).padStart(12, "0")}.json`;

/** A chain of so many acts, each of which was anchored. */
async function grow(length = LENGTH): Promise<void> {
  for (let seq = 1; seq <= length; seq++) {
    await act();
    await eventually(async () => expect(await anchors()).toContain(keyOf(seq)));
  }
}

describe("an audit nobody touched", () => {
  it("is whole, and so is an empty one", async () => {
    expect(await verify()).toEqual({ ok: true, length: 0, head: "", anchor: null });
    await grow();
    const newest = (await chain()).at(-1)!;
    expect(await verify()).toEqual({
      ok: true,
      length: LENGTH,
      head: newest.hash,
      anchor: { seq: LENGTH, at: expect.stringMatching(/^\d{4}-/), ok: true },
    });
  });

  it("has the hashes that the documentation promises", async () => {
    await grow(3);
    let before = "";
    for (const { hash, ...row } of await chain()) {
      expect(hash).toBe(hashOf(before, row));
      before = hash;
    }
  });

  it("loses nothing where 20 write at once", async () => {
    const ids = Array.from({ length: 20 }, (_, i) => `writer-${i}`);
    const plans = [];
    for (const id of ids.slice(0, 5)) plans.push(await upload(sketch(id)));
    const answers = await Promise.all([
      ...plans.map((plan) => consent(plan)),
      ...ids.slice(5).map(() => call("POST", "/api/admin/audit/key")),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const acts = (await chain()).map((row) => `${row.act} ${row.target}`);
    // Each consent enables, which is an act as well.
    expect(acts).toHaveLength(5 + 20 + 5);
    for (const id of ids.slice(0, 5)) {
      expect(acts).toEqual(expect.arrayContaining([`plugin.consent ${id}`, `plugin.enabled ${id}`]));
    }
    expect(await verify()).toMatchObject({ ok: true, length: 30 });
  });

  it("is verified over several pages while others write to it", async () => {
    await act();
    const { at, actor, act: name, target: to, detail, hash } = (await chain())[0]!;
    let before = hash;
    const more = Array.from({ length: 4_999 }, (_, i) => {
      const row = { seq: i + 2, at, actor, act: name, target: to, detail };
      before = hashOf(before, row);
      return { ...row, hash: before };
    });
    await target.env.DB.prepare(
      `INSERT INTO _host_audit SELECT value->>'seq', value->>'at', value->>'actor', value->>'act', value->>'target',
         value->>'detail', value->>'hash' FROM json_each(?)`,
    )
      .bind(JSON.stringify(more))
      .run();
    const [first, second] = await Promise.all([verify(), verify(), ...Array.from({ length: 8 }, act)]);
    for (const { ok, length } of [first, second]) {
      expect({ ok, length }).toEqual({ ok: true, length: expect.toSatisfy((n: number) => n >= 5_000 && n <= 5_008) });
    }
    expect(await verify()).toMatchObject({ ok: true, length: 5_008 });
    // A whole number of pages ends as well.
    await runUnguarded(target.env.DB, "DELETE FROM _host_audit WHERE seq > 5000");
    await target.env.BUNDLES.delete(await anchors());
    expect(await verify()).toMatchObject({ ok: true, length: 5_000, anchor: null });
  });

  it("holds texts of any kind", async () => {
    const note = 'line\u2028 and \u0000, half \ud800 a pair, "quotes" and \u200bnothing';
    const plan = await upload(sketch("noted"));
    expect((await consent(plan, { note })).status).toBe(200);
    expect((await verify()).ok).toBe(true);
  });
});

describe("tampering", () => {
  it.each(TAMPERINGS)("by $name is noticed", async ({ run, brokenAt, by }) => {
    await plantChain(target.env);
    expect((await verify()).ok).toBe(true);
    await run(target.env);
    const found = await verify();
    expect(found).toMatchObject({ ok: false, brokenAt, reason: expect.stringMatching(/\.$/) });
    expect(found.length).toBe(Math.max(0, brokenAt - 1));
    if (by === "anchor") expect(found.anchor).toMatchObject({ ok: false });
    else expect(found.anchor === null || (found.anchor !== "none" && found.anchor.ok)).toBe(true);
  });

  it("is still noticed after the host went on writing and anchoring", async () => {
    await grow();
    await rewrite(target.env, 4, (row) => ({ ...row, actor: "user:mallory" }));
    await act();
    await target.tick();
    expect(await anchors()).toContain(keyOf(LENGTH + 1));
    expect(await verify()).toMatchObject({ ok: false, brokenAt: 4, anchor: { seq: 4, ok: false } });
  });

  it("with a row's detail does not take the list down", async () => {
    await grow(2);
    await runUnguarded(target.env.DB, "UPDATE _host_audit SET detail = '{' WHERE seq = 2");
    const { items } = await must<{ items: readonly unknown[] }>("GET", "/api/admin/audit");
    expect(items).toMatchObject([
      { seq: 2, detail: "{" },
      { seq: 1, detail: {} },
    ]);
  });

  it.each([
    ["UPDATE", "UPDATE _host_audit SET actor = 'user:mallory' WHERE seq = 2"],
    ["UPDATE of the number", "UPDATE _host_audit SET seq = 9 WHERE seq = 2"],
    ["UPDATE OR REPLACE", "UPDATE OR REPLACE _host_audit SET seq = 1 WHERE seq = 2"],
    ["DELETE", "DELETE FROM _host_audit WHERE seq = 3"],
    ["DELETE of everything", "DELETE FROM _host_audit"],
    [
      "INSERT OR REPLACE",
      "INSERT OR REPLACE INTO _host_audit SELECT seq, at, 'x', act, target, detail, hash FROM _host_audit",
    ],
    [
      "REPLACE",
      "REPLACE INTO _host_audit SELECT seq, at, 'x', act, target, detail, hash FROM _host_audit WHERE seq = 3",
    ],
    [
      "UPSERT",
      "INSERT INTO _host_audit SELECT * FROM _host_audit WHERE seq = 3 ON CONFLICT (seq) DO UPDATE SET actor = 'x'",
    ],
    ["INSERT of a number that is taken", "INSERT INTO _host_audit SELECT * FROM _host_audit WHERE seq = 3"],
  ])("by %s is refused by the database", async (_, statement) => {
    await plantChain(target.env);
    const before = await chain();
    await expect(target.env.DB.prepare(statement).run()).rejects.toThrow(/append-only|sequence taken/);
    expect(await chain()).toEqual(before);
    expect((await verify()).ok).toBe(true);
  });
});

describe("an anchor", () => {
  it("is kept after each act, as one line with number, hash and time", async () => {
    await grow(2);
    expect(await anchors()).toEqual([keyOf(1), keyOf(2)]);
    const [, newest] = await chain();
    const body = await (await target.env.BUNDLES.get(keyOf(2)))!.text();
    expect(body).toMatch(/^\{[^\n]*\}\n$/);
    expect(JSON.parse(body)).toEqual({ seq: 2, hash: newest!.hash, at: expect.stringMatching(/Z$/) });
  });

  it("that is missing is made by the clock, once, for the newest row", async () => {
    await grow(3);
    // As if the head had moved while R2 did not answer: rows that this Worker never noted.
    const { hash, ...row } = (await chain())[2]!;
    const next = { ...row, seq: 4 };
    await target.env.DB.prepare("INSERT INTO _host_audit VALUES (?, ?, ?, ?, ?, ?, ?)")
      .bind(4, next.at, next.actor, next.act, next.target, next.detail, hashOf(hash, next))
      .run();
    await Promise.all([target.tick(), target.tick()]);
    await target.tick();
    expect(await anchors()).toEqual([1, 2, 3, 4].map(keyOf));
    expect(await verify()).toMatchObject({ ok: true, anchor: { seq: 4, ok: true } });
  });

  it("is never replaced, not even by the host itself", async () => {
    await grow(3);
    const before = await (await target.env.BUNDLES.get(keyOf(3)))!.text();
    await runUnguarded(target.env.DB, "DELETE FROM _host_audit WHERE seq = 3");
    await act();
    await target.tick();
    expect(await (await target.env.BUNDLES.get(keyOf(3)))!.text()).toBe(before);
    expect(await verify()).toMatchObject({ ok: false, brokenAt: 3, anchor: { seq: 3, ok: false } });
  });

  it("may be missing between others, and for rows that are young", async () => {
    await grow(4);
    await target.env.BUNDLES.delete([keyOf(2), keyOf(4)]);
    expect(await verify()).toMatchObject({ ok: true, length: 4, anchor: { seq: 3, ok: true } });
    await target.env.BUNDLES.delete([keyOf(1), keyOf(3)]);
    expect(await verify()).toMatchObject({ ok: true, length: 4, anchor: null });
  });

  it("that is missing for rows that are old is not passed over", async () => {
    const at = (age: number) => new Date(Date.now() - age).toISOString();
    await grow(4);
    await target.env.BUNDLES.delete(await anchors());
    await rewrite(target.env, 1, (row) => ({ ...row, at: at(ANCHOR_DELAY_MS - 60_000) }));
    expect(await verify()).toMatchObject({ ok: true, anchor: null });
    await rewrite(target.env, 1, (row) => ({ ...row, at: at(ANCHOR_DELAY_MS + 1_000) }));
    const late = await verify();
    expect(late).toMatchObject({ ok: false, length: 4, anchor: null, reason: expect.stringMatching(/rows from 1 on/) });
    expect(late).not.toHaveProperty("brokenAt");
  });

  it("does not see an end that was cut before it was made; this is the limit", async () => {
    await grow(4);
    await target.env.BUNDLES.delete(keyOf(4));
    await runUnguarded(target.env.DB, "DELETE FROM _host_audit WHERE seq = 4");
    expect(await verify()).toMatchObject({ ok: true, length: 3 });
  });

  it("is no other object beside it", async () => {
    await grow(2);
    await target.env.BUNDLES.put("audit/heads/notes.txt", "x");
    await target.env.BUNDLES.put("audit/other", "x");
    expect(await verify()).toMatchObject({ ok: true, length: 2 });
  });
});

describe("the files for verification elsewhere", () => {
  async function read(path: string): Promise<string> {
    const response = await target.fetch(`/api/admin/audit/${path}`, {
      headers: { authorization: `Bearer ${SECRETS.BOOTSTRAP_TOKEN}` },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    return new TextDecoder().decode(await response.arrayBuffer());
  }

  it("hold every row and every anchor, oldest first, and nothing else", async () => {
    await grow(3);
    const stored = await chain();
    expect(await read("export")).toBe(stored.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const kept = (await read("anchors")).split("\n");
    expect(kept.pop()).toBe("");
    expect(kept.map((line) => JSON.parse(line) as unknown)).toEqual(
      stored.map(({ seq, hash }) => ({ seq, hash, at: expect.stringMatching(/Z$/) })),
    );
  });

  it("are empty where there is nothing", async () => {
    expect([await read("export"), await read("anchors")]).toEqual(["", ""]);
  });

  it("need a key, which is handed to administrators, and that is on record", async () => {
    const { status, headers, body } = await call("POST", "/api/admin/audit/key");
    expect({ status, cache: headers.get("cache-control") }).toEqual({ status: 200, cache: "no-store" });
    expect(body).toEqual({ key: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await rows("SELECT act, target, detail FROM _host_audit")).toEqual([
      { act: "audit.key", target: "audit", detail: "{}" },
    ]);
    expect(JSON.stringify(await chain())).not.toContain(String(body["key"]));
    expect((await call("POST", "/api/admin/audit/key", { as: "visitor" })).status).toBe(401);
  });
});

describe("a call that nobody granted", () => {
  const TRY = `async ({ input: { times = 1, word = "content.get" } }, ctx) => {
    for (let i = 0; i < times; i++) await ctx.content.get("posts", "x").catch(() => {});
  }`;
  const greedy = (id: string) => probe(id, { routes: { try: TRY } });
  const denials = () =>
    rows("SELECT plugin_id, capability, count, targets FROM _host_denials ORDER BY plugin_id, capability");
  const denied = (count: number) =>
    eventually(async () => {
      const [sum] = await rows<{ n: number }>("SELECT coalesce(sum(count), 0) AS n FROM _host_denials");
      expect(sum!.n).toBe(count);
    });
  /** As if a minute had passed. */
  const passMinute = (minute = "2026-08-15T10:30") =>
    target.env.DB.prepare("UPDATE _host_denials SET minute = ?").bind(minute).run();
  /** Runs a test again where a minute ended under it. */
  const withinMinute = (test: () => Promise<void>) => async () => {
    const minute = toMinute(new Date());
    try {
      await test();
    } catch (error) {
      if (toMinute(new Date()) === minute) throw error;
      await target.reset();
      await test();
    }
  };
  const inChain = async () =>
    (await rows<StoredRow>("SELECT * FROM _host_audit WHERE act = 'plugin.denied' ORDER BY seq")).map(
      ({ actor, target: to, detail }) => ({ actor, to, detail: JSON.parse(detail) as unknown }),
    );

  it(
    "is counted, and moved into the chain once its minute is over",
    withinMinute(async () => {
      await install(greedy("greedy"));
      await bridge("greedy", "content.get", "posts", "x");
      await bridge("greedy", "content.list", "posts");
      await bridge("greedy", "http.fetch", "https://api.shop.dev/");
      await denied(3);
      const before = await chain();
      await target.tick();
      expect(await chain()).toEqual(before);
      await passMinute();
      await target.tick();
      expect(await inChain()).toEqual(
        [
          ["content:read", 2, []],
          ["network:request", 1, []],
        ].map(([capability, count, targets]) => ({
          actor: "plugin:greedy",
          to: "greedy",
          detail: { capability, minute: "2026-08-15T10:30", count, targets },
        })),
      );
      expect(await denials()).toEqual([]);
      expect(await verify()).toMatchObject({ ok: true, anchor: { ok: true } });
    }),
  );

  it(
    "is one row by plugin, capability and minute, however often it is tried",
    withinMinute(async () => {
      await install(greedy("greedy"));
      await install(greedy("other"));
      await callRoute("greedy", "try", { times: 90 });
      await callRoute("greedy", "try", { times: 10 });
      await callRoute("other", "try", { times: 1 });
      await denied(101);
      await passMinute();
      await target.tick();
      expect(await inChain()).toEqual(
        [
          ["greedy", 100],
          ["other", 1],
        ].map(([id, count]) => ({
          actor: `plugin:${id}`,
          to: id,
          detail: { capability: "content:read", minute: "2026-08-15T10:30", count, targets: [] },
        })),
      );
    }),
  );

  it(
    "is not on record where it is granted",
    withinMinute(async () => {
      await install(probe("granted", { capabilities: ["content:read"] }));
      expect(await bridge("granted", "content.get", "posts", "x")).toEqual({ value: null });
      await target.tick();
      expect(await denials()).toEqual([]);
    }),
  );

  it(
    "to a host is on record with the host, cleaned and capped",
    withinMinute(async () => {
      await install(probe("sender", { capabilities: ["network:request"], hosts: ["api.shop.dev"] }));
      const hosts = [
        "evil.example",
        "b.example",
        "c.example",
        `${"d".repeat(60)}.${"e".repeat(60)}.example`,
        "f.example",
      ];
      for (const host of [...hosts, "g.example", "evil.example"]) {
        expect((await bridge("sender", "http.fetch", `https://${host}/`)).error?.message).toMatch(/Host not allowed/);
      }
      await denied(7);
      const [row] = await denials();
      expect(row).toMatchObject({ plugin_id: "sender", capability: "network:request", count: 7 });
      const targets = JSON.parse(String(row!["targets"])) as string[];
      expect(targets).toHaveLength(DENIAL_LIMITS.targets);
      expect(targets.slice(0, 3)).toEqual(hosts.slice(0, 3));
      expect(targets[3]).toHaveLength(DENIAL_LIMITS.targetChars);
    }),
  );

  it(
    "that includes publishing in creating is on record as publishing",
    withinMinute(async () => {
      await install(probe("writer", { capabilities: ["content:write"] }));
      await bridge("writer", "content.create", "posts", { title: "Now" }, { publish: true });
      await denied(1);
      expect(await denials()).toEqual([
        { plugin_id: "writer", capability: "content:publish", count: 1, targets: "[]" },
      ]);
    }),
  );

  it(
    "is moved once, although several clocks tick at once, and what comes late is moved after it",
    withinMinute(async () => {
      await install(greedy("greedy"));
      await callRoute("greedy", "try", { times: 5 });
      await denied(5);
      await passMinute();
      await Promise.all([target.tick(), target.tick(), target.tick(), act(), act()]);
      await callRoute("greedy", "try", { times: 2 });
      await denied(2);
      await passMinute();
      await Promise.all([target.tick(), target.tick()]);
      expect((await inChain()).map(({ detail }) => (detail as { count: number }).count)).toEqual([5, 2]);
      expect(await denials()).toEqual([]);
      expect((await verify()).ok).toBe(true);
    }),
  );

  it(
    "costs a page nothing but a row of its batch, and leaves the chain alone",
    withinMinute(async () => {
      const head = `async (_, ctx) => { await ctx.content.get("posts", "x").catch(() => {}); return []; }`;
      await install(sketch("page", { capabilities: ["page:inject"], hooks: { "page:metadata": head } }));
      const before = await chain();
      expect((await call("GET", "/", { as: "visitor" })).status).toBe(200);
      await denied(1);
      expect(await chain()).toEqual(before);
    }),
  );

  it(
    "is in the chain after the plugin was uninstalled",
    withinMinute(async () => {
      await install(greedy("greedy"));
      await callRoute("greedy", "try");
      await denied(1);
      await passMinute();
      await must("DELETE", "/api/admin/plugins/greedy");
      await target.tick();
      expect(await inChain()).toHaveLength(1);
    }),
  );

  it("that comes between the reading and the moving is left for the next time", async () => {
    const { DB } = target.env;
    const row = { plugin_id: "late", capability: "content:read", minute: "2026-08-15T10:30", count: 3, targets: ["a"] };
    await DB.batch([...addDenials(DB, [row], DENIAL_LIMITS.targets)]);
    const read = await listDenials(DB, "2026-08-15T10:31", 10);
    await DB.batch([...addDenials(DB, [{ ...row, count: 2, targets: ["b", "a"] }], DENIAL_LIMITS.targets)]);
    await DB.batch([...takeDenials(DB, read)]);
    expect(await denials()).toEqual([
      { plugin_id: "late", capability: "content:read", count: 2, targets: '["a","b"]' },
    ]);
  });

  it("of very many plugins is moved in several commits, each of them once", async () => {
    const { DB } = target.env;
    const many = Array.from({ length: 450 }, (_, i) => ({
      plugin_id: `plugin-${i}`,
      capability: "content:read",
      minute: "2026-08-15T10:30",
      count: 1,
      targets: [],
    }));
    await DB.batch([...addDenials(DB, many, DENIAL_LIMITS.targets)]);
    await Promise.all([target.tick(), target.tick()]);
    expect(new Set((await inChain()).map(({ to }) => to))).toEqual(new Set(many.map((row) => row.plugin_id)));
    expect(await verify()).toMatchObject({ ok: true, length: 450 });
    expect(await denials()).toEqual([]);
  });

  it("keeps no text that could mislead whoever reads it", () => {
    const tally = createDenialTally(() => new Date(0));
    for (const word of ["a\u001b[31m\u202e\nb", "x".repeat(1_000), "3", "4", "5", "6"]) {
      tally.add("p", { kind: "target", capability: "network:request", of: "hosts", target: word, granted: [] });
    }
    tally.add("p", { kind: "method", capability: "network:request", method: "PUT", granted: [] });
    tally.add("p", { kind: "capability", capability: "network:request", why: "paused" });
    const redactFor = () => (text: string) => text.replace("4", "[redacted]");
    expect(toDenialRows(tally.take(), redactFor)).toEqual([
      {
        plugin_id: "p",
        capability: "network:request",
        minute: "1970-01-01T00:00",
        count: 8,
        targets: ["a\ufffd[31m\ufffd b", `${"x".repeat(DENIAL_LIMITS.targetChars - 1)}…`, "3", "[redacted]", "5"],
      },
    ]);
    expect(tally.take()).toEqual([]);
  });
});
