/** How do settings reach a plugin, and where may a secret be seen? In the header it was made for, and nowhere else. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { call, eventually, install, must, rows, show, type Json } from "./client.ts";
import { bridge, probe } from "./plugins.ts";
import { everything } from "./stored.ts";

beforeEach(() => target.reset());

const settingsSchema = {
  tone: { type: "string", label: "Tone", default: "plain" },
  count: { type: "number", label: "Count", min: 1, max: 10, default: 3 },
  on: { type: "boolean", label: "On" },
  mode: {
    type: "select",
    label: "Mode",
    options: [
      { value: "a", label: "A" },
      { value: "b", label: "B" },
    ],
  },
  base: { type: "url", label: "Base" },
  mail: { type: "email", label: "Mail" },
  key: { type: "secret", label: "Key" },
  old: { type: "secret", label: "Readable" },
};
const SECRET = "sk-live-0123456789-abcdef";

const talker = (id: string) =>
  probe(id, {
    capabilities: ["network:request"],
    hosts: ["api.shop.dev", "*.cdn.dev"],
    manifest: { admin: { settingsSchema }, bulkhead: { secrets: { key: { hosts: ["api.shop.dev"] } } } },
  });
const put = (id: string, values: Record<string, unknown>) =>
  call("PUT", `/api/admin/plugins/${id}/settings`, { body: { values } });
const view = async (id: string) => {
  const { items } = await must<{ items: readonly { key: string; value: unknown; fault: string | null }[] }>(
    "GET",
    `/api/admin/plugins/${id}/settings`,
  );
  return Object.fromEntries(items.map(({ key, value, fault }) => [key, fault === null ? value : { fault }]));
};

describe("settings", () => {
  it("as raw text in KV are read by the schema's type, with a fault where the text does not fit", async () => {
    await install(talker("own"));
    const key = (name: string) => `settings:own:${name}`;
    for (const [name, text] of Object.entries({
      tone: "dry",
      count: "7",
      on: "true",
      mode: "b",
      base: "https://x.dev/v1",
      mail: "a@b.dev",
    })) {
      await target.env.CACHE.put(key(name), text);
    }
    expect(await bridge("own", "settings.all")).toEqual({
      value: { tone: "dry", count: 7, on: true, mode: "b", base: "https://x.dev/v1", mail: "a@b.dev" },
    });
    expect(await bridge("own", "kv.get", "settings:count")).toEqual({ value: 7 });
    for (const [name, text] of Object.entries({
      count: "11",
      on: "yes",
      mode: "c",
      base: "javascript:1",
      mail: "nobody",
    })) {
      await target.env.CACHE.put(key(name), text);
    }
    // Wrong texts read as unset: the default, or nothing.
    expect(await bridge("own", "settings.all")).toEqual({ value: { tone: "dry", count: 3 } });
    expect(await view("own")).toMatchObject({
      tone: "dry",
      count: { fault: "11 is more than the maximum 10" },
      on: { fault: 'expected true or false, got "yes"' },
      mode: { fault: 'expected one of a, b, got "c"' },
      base: { fault: expect.stringContaining("expected an http(s) address") },
      mail: { fault: expect.stringContaining("expected an e-mail address") },
    });
  });

  it("are written all or none, and every fault is named", async () => {
    await install(talker("own"));
    const before = await everything();
    const { status, body } = await put("own", { tone: "loud", count: 99, nonsense: 1, key: "", __proto__: 1 });
    expect({ status, code: body["code"] }).toEqual({ status: 422, code: "SETTINGS_INVALID" });
    const issues = body["issues"] as unknown as { path: string }[];
    expect(issues.map(({ path }) => path)).toEqual(["values.count", "values.nonsense", "values.key"]);
    expect(await everything()).toEqual(before);
    expect((await put("own", { tone: "loud", count: 9, on: false })).status).toBe(200);
    expect(await bridge("own", "settings.all")).toEqual({ value: { tone: "loud", count: 9, on: false } });
    expect((await put("own", { tone: null })).status).toBe(200);
    expect(await bridge("own", "settings.get", "tone")).toEqual({ value: "plain" });
  });

  it("belong to one plugin, cannot be set by it, and are no way to other keys of KV", async () => {
    await install(talker("seo"));
    await install(talker("seo-pro"));
    await put("seo", { tone: "mine" });
    expect(await bridge("seo-pro", "settings.get", "tone")).toEqual({ value: "plain" });
    expect((await bridge("seo", "kv.set", "settings:tone", "hacked")).error?.message).toMatch(
      /settings are changed by the administrator/,
    );
    for (const key of ["settings:seo:tone", "seo:tone", "../seo:tone", "constructor", "__proto__", "toString"]) {
      expect({ key, ...(await bridge("seo-pro", "settings.get", key)) }).toEqual({ key, value: null });
      expect({ key, ...(await bridge("seo-pro", "kv.get", `settings:${key}`)) }).toEqual({ key, value: null });
    }
    expect(await bridge("seo", "settings.get", "tone")).toEqual({ value: "mine" });
  });

  it("missing but required are told, and no longer once they are set", async () => {
    await install(
      probe("needy", {
        manifest: {
          admin: { settingsSchema },
          bulkhead: { requiredSettings: [{ key: "base" }, { key: "key", when: { mode: "a" } }] },
        },
      }),
    );
    expect((await show("needy"))["needsSetup"]).toEqual([{ key: "base", label: "Base" }]);
    await put("needy", { mode: "a", base: "https://x.dev" });
    expect((await show("needy"))["needsSetup"]).toEqual([{ key: "key", label: "Key" }]);
    await put("needy", { key: "k" });
    expect((await show("needy"))["needsSetup"]).toEqual([]);
  });
});

describe("a secret", () => {
  const send = (id: string, url: string, header = "Bearer {{key}}") =>
    bridge(id, "http.fetch", url, { secretHeaders: { authorization: header } });

  it("goes in and never comes out: no answer, no table, no log, no audit, no KV holds it", async () => {
    await install(talker("own"));
    const answer = await put("own", { key: SECRET, old: SECRET });
    target.internet(() => new Response("ok"));
    await send("own", "https://api.shop.dev/");
    await bridge("own", "log.info", "sent", { with: "{{key}}" });
    expect(await view("own")).toMatchObject({ key: { set: true, at: expect.any(String) }, old: { set: true } });
    const paths = ["", "/own", "/own/settings", "/own/logs", "/own/invocations", "/own/runs", "/own/schedules"].map(
      (path) => `/api/admin/plugins${path}`,
    );
    const answers = await Promise.all(
      [...paths, "/api/admin/audit", "/api/admin/catalog", "/api/openapi.json"].map((path) => must<Json>("GET", path)),
    );
    const all = JSON.stringify([answer.body, answers, await everything()]);
    expect(all).not.toContain("0123456789-");
    expect(all).not.toContain(btoa("sk-live-0123456789-").slice(0, 20));
    expect(await rows("SELECT plugin_id, key FROM _host_secrets ORDER BY key")).toEqual([
      { plugin_id: "own", key: "key" },
      { plugin_id: "own", key: "old" },
    ]);
  });

  it("is filled in for the host it was declared for, and refused for another granted one", async () => {
    await install(talker("own"));
    const seen: (string | null)[] = [];
    target.internet((request) => {
      seen.push(request.headers.get("authorization"));
      return new Response("ok");
    });
    expect((await send("own", "https://api.shop.dev/")).error?.message).toMatch(
      /"key" is not set\. Set it in the plugin's settings/,
    );
    await put("own", { key: "k-12345", old: "o-12345" });
    expect(await send("own", "https://api.shop.dev/")).toMatchObject({ value: { status: 200 } });
    expect((await send("own", "https://x.cdn.dev/")).error).toMatchObject({
      code: "DENIED",
      message: 'The secret "key" may not be sent to x.cdn.dev. It is declared for api.shop.dev.',
    });
    expect((await send("own", "https://evil.dev/")).error).toMatchObject({
      code: "DENIED",
      message: expect.stringMatching(/^Host not allowed: evil\.dev/),
    });
    expect((await send("own", "https://api.shop.dev@evil.dev/")).error?.code).toBe("DENIED");
    expect((await send("own", "http://api.shop.dev/")).error?.message).toMatch(/Unsupported scheme/);
    for (const name of ["old", "tone", "nothing", "__proto__", "constructor"]) {
      expect({ name, code: (await send("own", "https://api.shop.dev/", `Bearer {{${name}}}`)).error?.code }).toEqual({
        name,
        code: name === "__proto__" ? undefined : "DENIED",
      });
    }
    expect(seen).toEqual(["Bearer k-12345", "Bearer {{__proto__}}"]);
    // Elsewhere a placeholder is only text.
    await bridge("own", "http.fetch", "https://api.shop.dev/?q={{key}}", { headers: { authorization: "{{key}}" } });
    expect(seen.at(-1)).toBe("{{key}}");
  });

  it("is not sent over plain http or to another port, though both are granted, nor beside a header of the same name", async () => {
    const hosts = ["api.shop.dev", "http://api.shop.dev", "api.shop.dev:8443"];
    await install({ ...talker("own"), manifest: { ...talker("own").manifest, allowedHosts: hosts } });
    await put("own", { key: "k-12345" });
    const seen: (string | null)[] = [];
    target.internet((request) => {
      seen.push(request.headers.get("authorization"));
      return new Response("ok");
    });
    expect((await send("own", "http://api.shop.dev/")).error).toMatchObject({
      code: "DENIED",
      message: expect.stringMatching(/^The secret "key" may not be sent over http: Use https\./),
    });
    expect((await send("own", "https://api.shop.dev:8443/")).error).toMatchObject({
      code: "DENIED",
      message: expect.stringMatching(/^The secret "key" may not be sent to api\.shop\.dev:8443\./),
    });
    expect(
      (
        await bridge("own", "http.fetch", "https://api.shop.dev/", {
          headers: { Authorization: "mine" },
          secretHeaders: { authorization: "Bearer {{key}}" },
        })
      ).error,
    ).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringMatching(/authorization is given twice/) });
    expect(seen).toEqual([]);
    expect(await send("own", "https://api.shop.dev/")).toMatchObject({ value: { status: 200 } });
    expect(seen).toEqual(["Bearer k-12345"]);
  });

  it("does not follow a redirect to another host, and an echo comes back redacted", async () => {
    await install(talker("own"));
    await put("own", { key: "k-12345" });
    const seen: (string | null)[] = [];
    target.internet((request) => {
      seen.push(request.headers.get("authorization"));
      const { pathname, hostname } = new URL(request.url);
      if (pathname === "/away") return new Response(null, { status: 302, headers: { location: "https://x.cdn.dev/" } });
      const echo = `${hostname} got ${request.headers.get("authorization")}`;
      if (pathname === "/binary") return new Response(new Uint8Array([0xff, ...new TextEncoder().encode(echo)]));
      return new Response(echo, { headers: { "x-echo": echo } });
    });
    expect(await send("own", "https://api.shop.dev/away")).toMatchObject({ value: { text: "x.cdn.dev got null" } });
    expect(seen).toEqual(["Bearer k-12345", null]);
    for (const path of ["/", "/binary"]) {
      const { value } = await send("own", `https://api.shop.dev${path}`);
      expect(JSON.stringify(value)).toContain("got Bearer [redacted]");
      expect(JSON.stringify(value)).not.toContain("k-12345");
    }
  });

  it("does not come back by the answer to a later request that carries none, at the hosts it is for", async () => {
    await install(talker("own"));
    await put("own", { key: "k-12345" });
    let sent: string | undefined;
    target.internet((request) => {
      sent ??= request.headers.get("authorization")!;
      return Response.json({ registered: sent }, { headers: { "x-registered": sent } });
    });
    await send("own", "https://api.shop.dev/register");
    const { value } = await bridge("own", "http.fetch", "https://api.shop.dev/list");
    expect(value).toMatchObject({
      text: '{"registered":"Bearer [redacted]"}',
      headers: { "x-registered": "Bearer [redacted]" },
    });
  });

  it("that was pasted with blanks around it does not come back without them", async () => {
    await install(talker("own"));
    await put("own", { key: "  k-12345 \n" });
    target.internet((request) => new Response(`got <${request.headers.get("authorization")}>`));
    expect(await send("own", "https://api.shop.dev/")).toMatchObject({ value: { text: "got <Bearer   [redacted]>" } });
  });

  it("does not come back in a redirect, as a host that is not granted or half of it as no address at all", async () => {
    const key = `K-${"12345".repeat(20)}`;
    await install(talker("own"));
    await put("own", { key });
    target.internet((request) => {
      const sent = request.headers.get("authorization")?.replace("Bearer ", "") ?? "";
      const location =
        new URL(request.url).pathname === "/host" ? `https://${sent.slice(0, 60)}.${sent}.dev/` : `http://[${sent}`;
      return new Response(null, { status: 302, headers: { location } });
    });
    await put("own", { key: "Key-of-60-12345" });
    const denied = (await send("own", "https://api.shop.dev/host")).error!;
    expect(denied).toMatchObject({ code: "DENIED", message: expect.stringContaining("[redacted].[redacted].dev") });
    await put("own", { key });
    const failed = (await send("own", "https://api.shop.dev/nowhere")).error!;
    expect(failed).toMatchObject({ code: "FAILED", message: expect.stringContaining("not an address") });
    for (const { message } of [denied, failed]) expect(message.toLowerCase()).not.toContain("12345");
  });

  it("bound to hosts cannot be read by the plugin; one that is not bound can, as EmDash plugins do", async () => {
    await install(talker("own"));
    await put("own", { key: "k-12345", old: "o-12345" });
    expect((await bridge("own", "kv.get", "settings:key")).error).toMatchObject({
      code: "DENIED",
      message: expect.stringContaining("init.secretHeaders"),
    });
    expect(await bridge("own", "kv.get", "settings:old")).toEqual({ value: "o-12345" });
    expect(await bridge("own", "settings.get", "key")).toEqual({ value: null });
    expect(JSON.stringify(await bridge("own", "settings.all"))).not.toMatch(/12345/);
    expect(JSON.stringify(await bridge("own", "kv.list"))).not.toMatch(/12345/);
  });

  it("put as plain text at its KV key is not used, and said", async () => {
    await install(talker("own"));
    await target.env.CACHE.put("settings:own:key", "k-plain");
    await target.env.CACHE.put("settings:own:old", "o-plain");
    expect(await view("own")).toMatchObject({
      key: { fault: expect.stringContaining("does not belong in KV") },
      old: { fault: expect.stringContaining("does not belong in KV") },
    });
    target.internet(() => new Response("ok"));
    expect((await send("own", "https://api.shop.dev/")).error?.message).toMatch(/is not set/);
    expect(await bridge("own", "kv.get", "settings:old")).toEqual({ value: null });
  });

  it("whose row is copied to another plugin or key, or was sealed under another key, does not open", async () => {
    await install(talker("own"));
    await install(talker("thief"));
    await put("own", { old: "o-12345" });
    const copy = (plugin: string, key: string) =>
      target.env.DB.prepare(
        "INSERT OR REPLACE INTO _host_secrets SELECT ?, ?, envelope, set_at, set_by FROM _host_secrets WHERE plugin_id = 'own' AND key = 'old'",
      )
        .bind(plugin, key)
        .run();
    await copy("thief", "old");
    await copy("own", "key");
    target.internet(() => new Response("ok"));
    for (const answer of [
      await bridge("thief", "kv.get", "settings:old"),
      await send("own", "https://api.shop.dev/"),
    ]) {
      expect(answer.error).toMatchObject({
        code: "SETTINGS_INVALID",
        message: expect.stringContaining("Set it again"),
      });
    }
    await target.env.DB.prepare(
      "UPDATE _host_secrets SET envelope = replace(envelope, '.', '.0') WHERE key = 'old'",
    ).run();
    expect((await bridge("own", "kv.get", "settings:old")).error?.code).toBe("SETTINGS_INVALID");
    expect(await bridge("own", "settings.get", "tone")).toEqual({ value: "plain" });
  });

  it("removed is gone", async () => {
    await install(talker("own"));
    await put("own", { old: "o-12345" });
    await put("own", { old: null });
    expect(await bridge("own", "kv.get", "settings:old")).toEqual({ value: null });
    expect((await view("own"))["old"]).toEqual({ set: false, at: null });
    await eventually(async () => expect(await rows("SELECT * FROM _host_secrets")).toEqual([]));
  });
});
