/** What do plugins' blocks do to public pages? They stand where they were granted, as text, and nowhere else; the page is whole whatever plugins do. */
import { PAGE_SLOTS } from "@bulkhead/sdk";
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { packPlugin } from "../support/bundle.ts";
import {
  call,
  consent,
  createPost,
  eventually,
  install,
  invocations,
  must,
  rows,
  show,
  upload,
  uploadBytes,
  type Json,
} from "./client.ts";
import { bridge, probe, sketch, type PluginSketch } from "./plugins.ts";
import { QUOTA, setUsed } from "./used-before.ts";

beforeEach(async () => {
  await target.reset();
  await createPost("Shown", { publish: true });
});

const TEXT = `const text = (words) => ({ _type: "block", _key: "b", style: "normal", markDefs: [], children: [{ _type: "span", _key: "s", text: words, marks: [] }] });`;
/** Says at each place it is told of who it is, and where it is. */
const everywhere = (id: string) => `({ slots }) => slots.map((slot) => ({ slot, blocks: [text("${id} at " + slot)] }))`;
const blocks = (id: string, slots: readonly string[], handler = everywhere(id), more: PluginSketch = {}) =>
  probe(id, {
    top: TEXT,
    ...more,
    hooks: { "page:blocks": handler, ...more.hooks },
    manifest: { ...more.manifest, bulkhead: { page: { slots } } },
  });
const read = async (path: string): Promise<string> => {
  const { status, body } = await call<string>("GET", path, { as: "visitor" });
  expect(status).toBe(200);
  return body;
};
/** What stands on a page, as `<id> at <place>`, in order. */
const standing = async (path: string): Promise<readonly string[]> =>
  [...(await read(path)).matchAll(/[a-z-]+ at [a-z]+\.[a-z]+/g)].map(([words]) => words);
const change = (id: string, grant: object) =>
  call("PUT", `/api/admin/plugins/${id}/grants`, { body: { grants: [grant] } });
const used = (id: string) =>
  rows(
    "SELECT target, sum(calls) AS calls, sum(denied) AS denied, sum(reported) AS reported FROM _host_usage WHERE plugin_id = ? AND capability = 'page:slots' GROUP BY target ORDER BY target",
    id,
  );

describe("blocks", () => {
  it("stand at each place of each page, by the hooks' order, each plugin's in an element of its own", async () => {
    await install(blocks("zeta", PAGE_SLOTS, `{ handler: ${everywhere("zeta")}, priority: 1 }`));
    await install(blocks("alpha", PAGE_SLOTS));
    expect(await standing("/posts/shown")).toEqual(
      ["post.before", "post.after", "page.footer"].flatMap((slot) => [`zeta at ${slot}`, `alpha at ${slot}`]),
    );
    expect(await standing("/")).toEqual(
      ["list.before", "list.after", "page.footer"].flatMap((slot) => [`zeta at ${slot}`, `alpha at ${slot}`]),
    );
    const page = await read("/posts/shown");
    expect(page.match(/<div class="added prose" dir="auto"><p>/g)).toHaveLength(6);
    expect(page).not.toMatch(/class="[^"]*(zeta|alpha)/);
    expect(await used("zeta")).toEqual([
      { target: "list.after", calls: 1, denied: 0, reported: 0 },
      { target: "list.before", calls: 1, denied: 0, reported: 0 },
      { target: "page.footer", calls: 3, denied: 0, reported: 0 },
      { target: "post.after", calls: 2, denied: 0, reported: 0 },
      { target: "post.before", calls: 2, denied: 0, reported: 0 },
    ]);
  });

  it("come from a handler that is told of the places it was granted, and of the page", async () => {
    await install(
      blocks(
        "told",
        ["post.after", "page.footer"],
        `async (event, ctx) => { await ctx.kv.set(event.page.path, event); return null; }`,
      ),
      { slots: ["post.after"] },
    );
    await read("/posts/shown");
    await read("/");
    expect(await bridge("told", "kv.get", "/posts/shown")).toMatchObject({
      value: { slots: ["post.after"], page: { kind: "content", title: "Shown", content: { slug: "shown" } } },
    });
    expect(await bridge("told", "kv.get", "/")).toEqual({ value: null });
  });

  it("share a VM with the plugin's part of the head, and the next page starts afresh", async () => {
    await install(
      blocks(
        "memory",
        ["post.after"],
        `() => ({ slot: "post.after", blocks: [text("memory at post.after, " + ++seen)] })`,
        {
          top: `${TEXT} let seen = 0;`,
          hooks: {
            "page:metadata": `() => { seen += 1; return { kind: "meta", name: "x-seen", content: String(seen) }; }`,
          },
        },
      ),
    );
    for (let view = 0; view < 2; view += 1) {
      const page = await read("/posts/shown");
      expect(page).toContain(`name="x-seen" content="1"`);
      expect(page).toContain("memory at post.after, 2");
    }
  });

  it("stay away with a head that was stopped, which is not run a second time; the next page tries again", async () => {
    await install(
      blocks("stopped", ["post.after"], everywhere("stopped"), {
        hooks: { "page:metadata": `({ page }) => { if (page.kind === "content") for (;;); }` },
      }),
    );
    await install(blocks("neighbour", ["post.after", "page.footer"]));
    expect(await standing("/posts/shown")).toEqual(["neighbour at post.after", "neighbour at page.footer"]);
    expect((await invocations("stopped", 2)).map(({ fuel }) => Number(fuel) > 0)).toEqual([false, true]);
    expect(await standing("/")).toEqual(["neighbour at page.footer"]);
  });

  it("of more plugins than there is memory for all stand there", async () => {
    const ids = Array.from({ length: 14 }, (_, i) => `big-${String.fromCharCode(97 + i)}`);
    for (const id of ids) {
      await install(
        blocks(id, ["post.after"], everywhere(id), {
          top: `${TEXT} const kept = new Uint8Array(6_000_000).fill(1);`,
          hooks: { "page:metadata": `() => ({ kind: "meta", name: "x-${id}", content: String(kept.length) })` },
        }),
      );
    }
    const page = await read("/posts/shown");
    for (const id of ids) {
      expect(page).toContain(`name="x-${id}" content="6000000"`);
      expect(page).toContain(`${id} at post.after`);
    }
  });

  it("of a plugin that was given nothing but a place need no other power and read nothing", async () => {
    await install(
      blocks(
        "poor",
        ["post.after"],
        `async (_, ctx) => {
      try { return { slot: "post.after", blocks: [text(JSON.stringify(await ctx.content.list("posts")))] }; }
      catch (error) { return { slot: "post.after", blocks: [text("poor at post.after: " + error.code)] }; }
    }`,
      ),
    );
    expect(await read("/posts/shown")).toContain("poor at post.after: DENIED");
  });
});

describe("a plugin that answers for a place", () => {
  it("it was not granted: the answer is dropped and counted as denied, its other place stays, and so does the neighbour", async () => {
    const all = `() => ["post.before", "post.after"].map((slot) => ({ slot, blocks: [text("greedy at " + slot)] }))`;
    await install(blocks("greedy", ["post.before", "post.after"], all), { slots: ["post.before"] });
    await install(blocks("neighbour", ["post.after"]));
    expect(await standing("/posts/shown")).toEqual(["greedy at post.before", "neighbour at post.after"]);
    expect(await used("greedy")).toEqual([
      { target: "", calls: 0, denied: 1, reported: 0 },
      { target: "post.before", calls: 1, denied: 0, reported: 0 },
    ]);
    await target.tick();
    await eventually(async () =>
      expect(await rows("SELECT capability, targets FROM _host_denials")).toMatchObject([
        { capability: "page:slots", targets: expect.stringContaining("post.after") },
      ]),
    );
  });

  it("that this page does not have: neither drawn nor counted", async () => {
    await install(
      blocks(
        "lost",
        PAGE_SLOTS,
        `() => [{ slot: "list.after", blocks: [text("lost at list.after")] }, { slot: "post.after", blocks: [text("lost at post.after")] }]`,
      ),
    );
    expect(await standing("/posts/shown")).toEqual(["lost at post.after"]);
    expect(await used("lost")).toEqual([{ target: "post.after", calls: 1, denied: 0, reported: 0 }]);
  });
});

describe("a grant of places", () => {
  const both = ["post.before", "post.after"];
  const install2 = async () => {
    await install(blocks("one", both));
    await install(blocks("two", both));
  };
  const two = ["two at post.before", "two at post.after"];
  const all = ["one at post.before", "two at post.before", "one at post.after", "two at post.after"];

  it.each<readonly [string, () => Promise<unknown>, readonly string[]]>([
    ["denied", () => change("one", { capability: "page:slots", allowed: false }), two],
    [
      "narrowed to another place",
      () => change("one", { capability: "page:slots", slots: ["post.before"] }),
      ["one at post.before", ...two],
    ],
    ["narrowed to none", () => change("one", { capability: "page:slots", slots: [] }), two],
    ["paused", () => change("one", { capability: "page:slots", paused: true }), two],
    [
      "denied and only tried out",
      () => change("one", { capability: "page:slots", allowed: false, mode: "report" }),
      all,
    ],
    ["disabled with its plugin", () => call("POST", "/api/admin/plugins/one/disable"), two],
    ["uninstalled with its plugin", () => call("DELETE", "/api/admin/plugins/one"), two],
    [
      "switched off with its plugin",
      () => call("POST", "/api/admin/kill-switch", { body: { scope: "one", on: true } }),
      two,
    ],
    [
      "switched off for all",
      () => call("POST", "/api/admin/kill-switch", { body: { scope: "capability:page:slots", on: true } }),
      [],
    ],
    [
      "taken by the policy",
      () =>
        must("PUT", "/api/admin/policy", {
          body: { document: { version: 1, capabilities: { deny: ["page:slots"] } } },
        }),
      [],
    ],
    [
      "switched off with all plugins",
      () => call("POST", "/api/admin/kill-switch", { body: { scope: "all", on: true } }),
      [],
    ],
  ])("%s counts at the next page", async (_, act, expected) => {
    await install2();
    expect(await standing("/posts/shown")).toEqual(all);
    expect(await act()).toBeDefined();
    expect(await standing("/posts/shown")).toEqual(expected);
  });

  it("that has ended counts no more, the neighbour's does", async () => {
    await install2();
    await target.env.DB.batch([
      target.env.DB.prepare("UPDATE _host_grants SET until = '2020-01-01T00:00:00.000Z' WHERE plugin_id = 'one'"),
      target.env.DB.prepare("UPDATE _host_state SET generation = generation + 1"),
    ]);
    expect(await standing("/posts/shown")).toEqual(two);
  });

  it("that is tried out draws what it would refuse, as far as the manifest asks, and counts it", async () => {
    await install(
      blocks(
        "one",
        both,
        `() => ["post.before", "post.after", "page.footer"].map((slot) => ({ slot, blocks: [text("one at " + slot)] }))`,
      ),
    );
    await change("one", { capability: "page:slots", slots: ["post.before"], mode: "report" });
    expect(await standing("/posts/shown")).toEqual(["one at post.before", "one at post.after"]);
    expect(await used("one")).toEqual([
      { target: "", calls: 0, denied: 1, reported: 1 },
      { target: "post.after", calls: 1, denied: 0, reported: 0 },
      { target: "post.before", calls: 1, denied: 0, reported: 0 },
    ]);
  });

  it("declined at consent gives none, and cannot be widened beyond the manifest", async () => {
    await install(blocks("one", ["post.after"]), { deny: ["page:slots"] });
    expect(await standing("/posts/shown")).toEqual([]);
    expect((await change("one", { capability: "page:slots", slots: ["post.before"] })).status).toBe(422);
    expect((await change("one", { capability: "page:slots", slots: ["post.after"] })).status).toBe(200);
    expect(await standing("/posts/shown")).toEqual(["one at post.after"]);
  });

  it("is gone from a plugin whose quota is used up", async () => {
    await install2();
    await setUsed("one", "fuel", QUOTA.meters.fuel.hour + 1);
    expect(await standing("/posts/shown")).toEqual(two);
  });
});

describe("a page is whole", () => {
  const hostile: readonly (readonly [string, string])[] = [
    ["throws", `() => { throw new Error("no"); }`],
    ["loops", `() => { for (;;); }`],
    ["never answers", `() => new Promise(() => {})`],
    ["takes all memory", `() => { const all = []; for (;;) all.push(new Array(1e5).fill(1)); }`],
    ["answers a number", `() => 7`],
    ["answers text", `() => "<script>alert(1)</script>"`],
    ["answers an object without a place", `() => ({ blocks: [text("x")] })`],
    ["names no place there is", `() => ({ slot: "head", blocks: [text("x")] })`],
    ["names a prototype's key", `() => ({ slot: "__proto__", blocks: [text("x")] })`],
    ["gives a place that is no text", `() => ({ slot: ["post.after"], blocks: [text("x")] })`],
    ["gives text for blocks", `() => ({ slot: "post.after", blocks: "<b>x</b>" })`],
    ["gives an object for blocks", `() => ({ slot: "post.after", blocks: { length: 3, 0: text("x") } })`],
    [
      "gives blocks that are none",
      `() => ({ slot: "post.after", blocks: [1, null, "x", [], { _type: "nothing" }, { _type: "block", children: 7 }] })`,
    ],
    [
      "gives HTML",
      `() => ({ slot: "post.after", blocks: [{ _type: "htmlBlock", html: "<script>alert(1)</script>" }, { _type: "html", html: "<img src=x onerror=alert(1)>" }] })`,
    ],
    [
      "gives a script in text",
      `() => ({ slot: "post.after", blocks: [text("<script>alert(1)</script>"), { _type: "code", code: "</code><script>alert(1)</script>", language: "x\\"><script>" }] })`,
    ],
    [
      "gives a link that runs",
      `() => ({ slot: "post.after", blocks: [{ _type: "block", markDefs: [{ _type: "link", _key: "l", href: "javascript:alert(1)" }], children: [{ _type: "span", text: "x", marks: ["l"] }] }, { _type: "image", src: "javascript:alert(1)" }] })`,
    ],
    ["gives 100,000 blocks", `() => ({ slot: "post.after", blocks: Array.from({ length: 100_000 }, () => ({})) })`],
    [
      "gives 100,000 contributions",
      `() => Array.from({ length: 100_000 }, () => ({ slot: "post.after", blocks: [] }))`,
    ],
    ["gives millions of characters", `() => ({ slot: "post.after", blocks: [text("<".repeat(3_000_000))] })`],
    ["gives far too many characters", `() => ({ slot: "post.after", blocks: [text("<".repeat(9_000_000))] })`],
    [
      "nests deeply",
      `() => { let deep = text("x"); for (let i = 0; i < 900; i++) deep = { _type: "block", children: [deep] }; return { slot: "post.after", blocks: [deep] }; }`,
    ],
    [
      "nests far too deeply",
      `() => { let deep = []; for (let i = 0; i < 100_000; i++) deep = [deep]; return { slot: "post.after", blocks: deep }; }`,
    ],
    [
      "answers with a prototype",
      `() => JSON.parse('{"slot":"post.after","__proto__":{"x":1},"blocks":[{"__proto__":{"_type":"block"},"_type":"__proto__"},{"_type":"constructor"}]}')`,
    ],
    ["has a getter that throws", `() => ({ get slot() { throw new Error("no"); }, blocks: [] })`],
    [
      "changes what JSON does",
      `() => { Array.prototype.toJSON = () => "x"; Object.prototype.toJSON = () => "<script>"; return { slot: "post.after", blocks: [text("x")] }; }`,
    ],
  ];

  it.each(hostile)("beside one that %s", async (_, handler) => {
    const before = await read("/posts/shown");
    await install(blocks("hostile", ["post.after"], handler, { manifest: {} }));
    await install(blocks("neighbour", ["post.after"]));
    const page = await read("/posts/shown");
    expect(page).toContain("neighbour at post.after");
    expect(page).not.toMatch(/<script(?! type="application\/ld\+json")|onerror=|javascript:|<b>x/);
    // Without what plugins put there it is what it was.
    const own = (markup: string) =>
      markup.replace(/<div class="slot at-post-after">[\s\S]*?<\/article>/, "</article>").replace(/\s+/g, " ");
    expect(own(page)).toBe(own(before));
  });
});

describe("a manifest", () => {
  it("that asks for a place the site does not have is refused; a hook without its places too", async () => {
    const wrong = await uploadBytes(await packPlugin(blocks("wrong", ["sidebar"])));
    expect(wrong).toMatchObject({ status: 422, body: { code: "MANIFEST_INVALID" } });
    const { status, body } = await uploadBytes(
      await packPlugin(sketch("bare", { hooks: { "page:blocks": `() => {}` } })),
    );
    expect({ status, detail: body["detail"] }).toEqual({
      status: 422,
      detail:
        'hooks[0]: The hook "page:blocks" needs the capability "page:slots". Add "bulkhead.page.slots" or remove the hook',
    });
  });

  it("that asks for places without a hook is told so in the plan; with one it says when it runs", async () => {
    const bare = await upload(sketch("bare", { manifest: { bulkhead: { page: { slots: ["post.after"] } } } }));
    expect(bare).toMatchObject({ findings: [{ code: "not-signed" }, { level: "info", code: "no-page-hook" }] });
    const plan = await upload(blocks("one", ["post.after"]));
    expect(plan).toMatchObject({
      capabilities: [{ name: "page:slots", targetKind: "slots", targets: ["post.after"] }],
      hooks: [{ name: "page:blocks", active: true }],
      findings: [{ code: "not-signed" }],
    });
    await consent(plan, { deny: ["page:slots"] });
    expect((await show("one"))["hooks"]).toMatchObject([{ name: "page:blocks", active: false }]);
  });

  it("may declare it and fail on record, without a trace on the page", async () => {
    await install(blocks("broken", ["post.after"], `() => { throw new Error("a reason") }`));
    await read("/posts/shown");
    const [record] = (await invocations("broken", 1)) as readonly Json[];
    expect(record).toMatchObject({
      kind: "page",
      name: "hook:page:blocks",
      status: "threw",
      error: expect.stringContaining("a reason"),
    });
  });
});
