/** Attacks that went through once. Each stays here with what must be refused, and beside it what must still work. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { call, callRoute, consent, createPost, eventually, install, must, rows, show, upload } from "./client.ts";
import { bridge, probe, sketch } from "./plugins.ts";

beforeEach(() => target.reset());

describe("a visitor", () => {
  it("cannot make the host read a body: a body of a visitor is refused before it is looked at", async () => {
    for (const [method, path] of [
      ["PUT", "/api/admin/plugins/x/settings"],
      ["PUT", "/api/admin/plugins/x/grants"],
      ["POST", "/api/admin/plugins/x/consent"],
    ] as const) {
      const { status, body } = await call(method, path, {
        as: "visitor",
        body: "no JSON at all",
        headers: { "content-type": "application/json" },
      });
      expect({ path, status, code: body["code"] }).toEqual({ path, status: 401, code: "UNAUTHENTICATED" });
    }
    const large = { token: "x".repeat(1024 * 1024) };
    expect((await call("POST", "/api/auth/session", { as: "visitor", body: large })).status).toBe(413);
    expect((await call("POST", "/api/auth/session", { as: "visitor", body: { token: "x" } })).status).toBe(401);
  });
});

describe("a secret", () => {
  const SECRET = "sk-attack-0123456789";
  const sender = (hosts: readonly string[], version = "1.0.0") =>
    probe("sender", {
      version,
      capabilities: ["network:request"],
      hosts: ["a.shop.dev", "b.shop.dev"],
      manifest: {
        admin: { settingsSchema: { key: { type: "secret", label: "Key" } } },
        bulkhead: hosts.length > 0 ? { secrets: { key: { hosts } } } : {},
      },
    });

  it("in a header that follows redirects stays with the first origin", async () => {
    await install(sender(["a.shop.dev"]));
    await must("PUT", "/api/admin/plugins/sender/settings", { body: { values: { key: SECRET } } });
    const seen: Record<string, string | null>[] = [];
    target.internet((request) => {
      const { hostname } = new URL(request.url);
      const { headers } = request;
      seen.push({ hostname, agent: headers.get("user-agent"), accept: headers.get("accept") });
      return hostname === "a.shop.dev"
        ? new Response(null, { status: 302, headers: { location: "https://b.shop.dev/" } })
        : new Response("ok");
    });
    const answer = await bridge("sender", "http.fetch", "https://a.shop.dev/", {
      headers: { accept: "text/plain" },
      secretHeaders: { "user-agent": "{{key}}" },
    });
    expect(answer.error).toBeUndefined();
    expect(seen[0]).toMatchObject({ hostname: "a.shop.dev", agent: SECRET });
    expect(seen[1]).toMatchObject({ hostname: "b.shop.dev", accept: "text/plain" });
    expect(String(seen[1]!["agent"])).not.toContain(SECRET);
  });

  it.each([
    ["to another host", ["a.shop.dev", "b.shop.dev"]],
    ["into the plugin's code", []],
  ] as const)("that an update takes %s is an escalation and a danger; one that stays is none", async (_, hosts) => {
    await install(sender(["a.shop.dev"]));
    const wider = await upload(sender(hosts, "1.1.0"));
    expect(wider).toMatchObject({ escalation: true });
    expect(wider["findings"]).toContainEqual(
      expect.objectContaining({ level: "danger", code: "secret-reaches-further" }),
    );
    const same = await upload(sender(["a.shop.dev"], "1.2.0"));
    expect(same).toMatchObject({ escalation: false });
  });

  it("does not reach another granted host in an address, a header or a body, marked or not", async () => {
    await install(sender(["a.shop.dev"]));
    await must("PUT", "/api/admin/plugins/sender/settings", { body: { values: { key: SECRET } } });
    const seen: string[] = [];
    target.internet(async (request) => {
      seen.push(JSON.stringify([request.url, ...request.headers, await request.clone().text()]));
      return new Response(`echo ${request.headers.get("x-key")} ${btoa(String(request.headers.get("x-key")))}`);
    });
    const b = "https://b.shop.dev/";
    const post = { method: "POST", headers: { "content-type": "application/json" } };
    for (const [url, init] of [
      [`${b}?k={{key}}`, {}],
      [`${b}{{key}}`, {}],
      [b, { headers: { authorization: "Bearer {{key}}" } }],
      [b, { secretHeaders: { authorization: "Bearer {{key}}" } }],
      [b, { secretHeaders: { "x-a": "{{key}}" }, ...post, body: "{}" }],
      [b, { ...post, body: JSON.stringify({ key: "{{key}}" }) }],
      [b, { method: "POST", body: "{{key}}" }],
      ["https://a.shop.dev@b.shop.dev/", { secretHeaders: { "x-a": "{{key}}" } }],
    ] as const)
      await bridge("sender", "http.fetch", url, init);
    expect(seen.filter((text) => text.includes(SECRET) || text.includes(btoa(SECRET)))).toEqual([]);
    expect(seen.filter((text) => text.includes("b.shop.dev")).length).toBeGreaterThan(0);

    // Where it may go it goes, and what comes back is without it: an echo in base64 is the risk that stays.
    const { value } = await bridge("sender", "http.fetch", "https://a.shop.dev/", {
      secretHeaders: { "x-key": "{{key}}" },
    });
    expect(seen.at(-1)).toContain(SECRET);
    expect(value!["text"]).toBe(`echo [redacted] ${btoa(SECRET)}`);
  });

  it("does not outlive its plugin: a secret under another plugin's id is never found, whatever data is kept", async () => {
    await install(sender(["a.shop.dev"]));
    await must("PUT", "/api/admin/plugins/sender/settings", { body: { values: { key: SECRET } } });
    await bridge("sender", "kv.set", "kept", 1);
    await must("DELETE", "/api/admin/plugins/sender?data=keep");
    await install(sender([]));
    expect(await bridge("sender", "kv.get", "settings:key")).toEqual({ value: null });
    expect(await bridge("sender", "kv.get", "kept")).toEqual({ value: 1 });
  });
});

describe("what one visitor left in a plugin", () => {
  it.each([
    ["that answered", `return "left";`],
    ["that threw", `throw new Error("left");`],
    ["that was stopped for fuel", `for (;;);`],
    ["that ran out of memory", `const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1));`],
    ["that waits for ever", `await new Promise(() => {});`],
  ])("is not there for the next, after an entry %s", async (_, end) => {
    await install(
      sketch("memory", {
        top: `let count = 0;`,
        routes: {
          leave: `async ({ input }) => {
            count += 1;
            globalThis.visitor = input.name;
            Array.prototype.visitor = Object.prototype.visitor = input.name;
            JSON.stringify = () => '"' + input.name + '"';
            setInterval(() => { globalThis.late = input.name; }, 1);
            ${end}
          }`,
          look: `() => [count, globalThis.visitor ?? null, [].visitor ?? null, ({}).visitor ?? null, globalThis.late ?? null, JSON.stringify({ a: 1 })]`,
        },
        open: ["leave", "look"],
        manifest: { bulkhead: { budgets: { route: { fuel: 20_000_000, wallMs: 1_000 } } } },
      }),
    );
    for (const name of ["Ada", "Bob"]) {
      await call("POST", "/api/plugins/memory/leave", { as: "visitor", body: { name } });
      const { body } = await call("POST", "/api/plugins/memory/look", { as: "visitor", body: {} });
      expect(body).toEqual({ success: true, data: [0, null, null, null, null, '{"a":1}'] });
    }
  });
});

describe("powers", () => {
  const writer = probe("writer", { capabilities: ["content:write"] });

  it("cannot be half denied: a denial that another power undoes is refused, at consent and later", async () => {
    const plan = await upload(writer);
    const hollow = await consent(plan, { deny: ["content:read"] });
    expect({ status: hollow.status, code: hollow.body["code"] }).toEqual({ status: 422, code: "GRANTS_INVALID" });
    expect(String(hollow.body["detail"])).toContain("Deny content:write too");
    expect((await consent(plan, { deny: ["content:write"] })).status).toBe(200);
    expect(await bridge("writer", "content.list", "posts")).toMatchObject({ value: { items: [] } });
    const later = (grants: unknown) => call("PUT", "/api/admin/plugins/writer/grants", { body: { grants } });
    expect((await later([{ capability: "content:read", allowed: false }])).status).toBe(200);
    expect((await later([{ capability: "content:write" }])).status).toBe(422);
    expect((await later([{ capability: "content:write" }, { capability: "content:read" }])).status).toBe(200);
  });

  it("to any host are not narrowed by a list of hosts that would be ignored", async () => {
    const plan = await upload(probe("open", { capabilities: ["network:request:unrestricted"], hosts: ["a.shop.dev"] }));
    expect((await consent(plan, { hosts: ["a.shop.dev"] })).status).toBe(422);
    const narrowed = { hosts: ["a.shop.dev"], deny: ["network:request:unrestricted"] };
    expect((await consent(plan, narrowed)).status).toBe(200);
    target.internet(() => new Response("ok"));
    expect((await bridge("open", "http.fetch", "https://a.shop.dev/")).error).toBeUndefined();
    expect((await bridge("open", "http.fetch", "https://b.shop.dev/")).error?.["message"]).toContain(
      "Host not allowed",
    );
  });

  it("in declaredAccess name hosts as strictly as allowedHosts does", async () => {
    const declare = (allowedHosts: readonly string[]) =>
      upload(sketch("declared", { manifest: { declaredAccess: { network: { request: { allowedHosts } } } } })).then(
        (plan) => plan["hosts"],
        (error: unknown) => String(error),
      );
    expect(await declare(["api.shop.dev (read only)"])).toContain("allowedHosts");
    expect(await declare(["api.shop.dev"])).toEqual(["api.shop.dev"]);
  });

  it("to keep an item from deletion need more than reading", async () => {
    const guard = (capability: string) =>
      sketch("guard", { capabilities: [capability], hooks: { "content:beforeDelete": `() => false` } });
    await install(guard("content:read"));
    const { body } = await createPost("Free");
    expect((await call("DELETE", `/api/content/posts/${String(body["id"])}`)).status).toBe(204);
  });
});

describe("work on the host", () => {
  it("is paid for in characters: a page's share is small, a route's is larger, and the neighbour has its own", async () => {
    const convert = (chars: number) => `ctx.text.markdownToPortableText("a".repeat(${chars}))`;
    await install(
      sketch("busy", {
        hooks: {
          "page:metadata": `async (_, ctx) => {
            try { await ${convert(4_001)}; } catch (error) { return { kind: "meta", name: "busy", content: error.code }; }
          }`,
        },
        routes: {
          over: `(_, ctx) => ${convert(128_001)}.catch((error) => error.code)`,
          at: `(_, ctx) => ${convert(120_000)}.then(() => "done")`,
        },
      }),
    );
    await createPost("Page", { publish: true });
    expect((await call<string>("GET", "/posts/page", { as: "visitor" })).body).toContain('content="BUDGET_EXCEEDED"');
    expect((await callRoute("busy", "at")).body["data"]).toBe("done");
    expect((await callRoute("busy", "over")).body["data"]).not.toBe("done");
  });

  it("by a flood of lines loses no other record, and the flood is cut with a word", async () => {
    await install(
      sketch("ear", {
        capabilities: ["content:read"],
        hooks: { "content:afterSave": `(_, ctx) => { for (let i = 0; i < 150; i++) ctx.log.info("line " + i); }` },
      }),
    );
    await install(
      probe("mouth", {
        capabilities: ["content:write"],
        routes: {
          go: `async (_, ctx) => { for (let i = 0; i < 6; i++) await ctx.content.create("posts", { title: "P" + i }); return 1; }`,
        },
      }),
    );
    expect((await callRoute("mouth", "go")).body["data"]).toBe(1);
    await eventually(async () => {
      expect(await rows("SELECT * FROM _host_invocations WHERE plugin_id = 'ear' AND kind = 'hook'")).toHaveLength(6);
      expect(await rows("SELECT * FROM _host_invocations WHERE plugin_id = 'mouth' AND kind = 'route'")).toHaveLength(
        1,
      );
      const lines = await rows<{ message: string }>(
        "SELECT message FROM _host_logs WHERE plugin_id = 'ear' ORDER BY id",
      );
      expect(lines).toHaveLength(500);
      expect(lines.at(-1)!.message).toContain("dropped");
    });
  });

  it("by more listeners than there are places for VMs is done all the same, each heard once", async () => {
    const ids = ["one", "two", "three", "four", "five", "six"];
    for (const id of ids) {
      await install(
        sketch(id, {
          capabilities: ["content:write"],
          hooks: {
            "content:beforeSave": `({ content }) => ({ ...content, excerpt: (content.excerpt ?? "") + "${id} " })`,
            "content:afterSave": `(_, ctx) => ctx.kv.set("heard", true)`,
          },
        }),
      );
    }
    const saved = await Promise.all(["A", "B", "C"].map((title) => createPost(title)));
    for (const { body } of saved) {
      expect(String(body["data"]!["excerpt"]).trim().split(" ").toSorted()).toEqual(ids.toSorted());
    }
    await eventually(async () =>
      expect(await rows("SELECT * FROM _plugin_storage WHERE collection = '__kv'")).toHaveLength(ids.length),
    );
  });
});

describe("lifecycle", () => {
  it("enabled again while its install hook runs is refused, and the hook runs once", async () => {
    const slow = sketch("slow", {
      hooks: {
        "plugin:install": `async (_, ctx) => {
          await ctx.kv.set("install-" + Math.random(), 1);
          await new Promise((resolve) => setTimeout(resolve, 1500));
        }`,
      },
    });
    const plan = await upload(slow);
    const first = consent(plan);
    await eventually(async () => expect(await rows("SELECT * FROM _plugin_storage")).toHaveLength(1));
    expect((await call("POST", "/api/admin/plugins/slow/enable")).status).toBe(409);
    expect((await first).body["plugin"]).toMatchObject({ state: "enabled" });
    expect(await rows("SELECT * FROM _plugin_storage")).toHaveLength(1);
  });

  it("of a plugin whose manifest is no longer accepted: it is listed with why, and can be removed", async () => {
    await install(sketch("old", { routes: { hi: `() => 1` } }));
    await install(sketch("fine", { routes: { hi: `() => 1` } }));
    await target.env.DB.prepare(
      `UPDATE _host_versions SET manifest = json_set(manifest, '$.capabilities[0]', 'gone:power') WHERE plugin_id = 'old'`,
    ).run();
    const { items } = await must<{ items: readonly { id: string; reason: string | null }[] }>(
      "GET",
      "/api/admin/plugins",
    );
    expect(items.map(({ id }) => id)).toEqual(["fine", "old"]);
    expect(items[1]!.reason).toContain("no longer accepts");
    expect(await show("old")).toMatchObject({ id: "old" });
    expect((await call("DELETE", "/api/admin/plugins/old")).status).toBe(200);
    expect((await callRoute("fine", "hi")).status).toBe(200);
  });

  it("of the very version that is live is not asked for again", async () => {
    const source = sketch("live", { routes: { hi: `() => 1` } });
    await install(source);
    const again = await upload(source).catch((error: unknown) => String(error));
    expect(String(again)).toContain("VERSION_EXISTS");
    expect((await callRoute("live", "hi")).status).toBe(200);
  });

  it("that ends an invocation's version ends its calls, also those that need no power", async () => {
    await install(
      probe("sleeper", {
        routes: {
          later: `async (_, ctx) => {
            await ctx.kv.set("before", 1);
            await new Promise((resolve) => setTimeout(resolve, 2500));
            return ctx.kv.set("after", 1).then(() => "written", (error) => error.code);
          }`,
        },
      }),
    );
    const late = callRoute("sleeper", "later");
    await eventually(async () => expect(await rows("SELECT * FROM _plugin_storage")).toHaveLength(1));
    await must("POST", "/api/admin/plugins/sleeper/disable");
    expect((await late).body["data"]).toBe("DENIED");
    expect(await rows("SELECT * FROM _plugin_storage")).toHaveLength(1);
  });
});
