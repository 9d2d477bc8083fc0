/** Who may call a plugin's route, what of the request reaches it, and what of its answer leaves? And how does one sign in? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { ROUTE_LIMITS } from "../../host/api/plugin-routes.ts";
import { ORIGIN, SECRETS } from "../support/target.ts";
import { call, callRoute, createPost, install, invocations, must, rows, type CallOptions } from "./client.ts";
import { sketch } from "./plugins.ts";

beforeEach(() => target.reset());

const PREFIXES = ["/api/plugins", "/_emdash/api/plugins"] as const;
const door = sketch("door", {
  routes: {
    private: `(route) => route`,
    public: `(route) => route`,
    "items/list": `() => "nested"`,
    html: `() => ({ headers: { "set-cookie": "a=b" }, status: 302, body: "<script>alert(1)</script>" })`,
    response: `() => new Response("<script>alert(1)</script>", { status: 302, headers: { "content-type": "text/html", "set-cookie": "a=b", location: "https://evil.dev" } })`,
  },
  open: ["public", "html", "response"],
});

/** A visitor with a session cookie. */
async function signIn(proof: Record<string, string> = { token: SECRETS.BOOTSTRAP_TOKEN }): Promise<string> {
  const { status, headers } = await call("POST", "/api/auth/session", {
    as: "visitor",
    body: proof,
    headers: { origin: ORIGIN },
  });
  expect(status).toBe(200);
  return headers.get("set-cookie")!.split(";")[0]!;
}
const asBrowser = (cookie: string, headers: Record<string, string>): CallOptions => ({
  as: "visitor",
  headers: { cookie, ...headers },
});

describe("a private route", () => {
  it.each(PREFIXES)(
    "under %s needs a sign-in: a token, or the dashboard's own request with its cookie",
    async (prefix) => {
      await install(door);
      const path = `${prefix}/door/private`;
      const nobody = await call("GET", path, { as: "visitor" });
      expect({ status: nobody.status, ...nobody.body }).toMatchObject({
        status: 401,
        success: false,
        error: { code: "UNAUTHENTICATED" },
      });
      expect((await call("GET", path, { as: "visitor", headers: { authorization: "Bearer wrong" } })).status).toBe(401);
      expect((await call("GET", path)).status).toBe(200);

      const cookie = await signIn();
      const verdicts: readonly (readonly [Record<string, string>, number])[] = [
        [{ "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" }, 200],
        [{ "x-emdash-request": "1" }, 200],
        [{ "sec-fetch-site": "cross-site" }, 403],
        [{ "sec-fetch-site": "same-site" }, 403],
        [{ "sec-fetch-site": "none" }, 403],
        [{ "sec-fetch-site": "cross-site", "x-emdash-request": "1" }, 403],
        [{}, 403],
        [{ origin: "https://evil.dev" }, 403],
      ];
      for (const method of ["GET", "POST", "DELETE"]) {
        for (const [headers, status] of verdicts) {
          const answer = await call(method, path, asBrowser(cookie, headers));
          expect({ method, headers, status: answer.status }).toEqual({ method, headers, status });
          if (status === 403) expect(answer.body["error"]).toMatchObject({ code: "CROSS_SITE_REQUEST" });
        }
      }
      await invocations("door", 7);
    },
  );
});

describe("a public route", () => {
  it.each(PREFIXES)("under %s answers anybody, and sees no credential of anybody", async (prefix) => {
    await install(door);
    const cookie = await signIn();
    const headers = {
      cookie,
      "x-api-key": "k",
      "x-forwarded-for": "1.2.3.4",
      accept: "a/b",
      "user-agent": "curl",
      "x-custom": "c",
      "sec-fetch-site": "cross-site",
    };
    for (const as of [undefined, "visitor"] as const) {
      const { status, body } = await call("POST", `${prefix}/door/public?a=1`, {
        ...(as ? { as } : {}),
        headers,
        body: { b: 2 },
      });
      expect(status).toBe(200);
      expect(body["data"]).toMatchObject({
        input: { b: 2 },
        request: { method: "POST", url: `${ORIGIN}${prefix}/door/public?a=1` },
      });
      const seen = JSON.stringify(body["data"]);
      for (const secret of [
        cookie.split("=")[1]!,
        SECRETS.BOOTSTRAP_TOKEN,
        "x-api-key",
        "x-custom",
        "1.2.3.4",
        "authorization",
      ]) {
        expect(seen).not.toContain(secret);
      }
      const passed = Object.keys(body["data"]!["request"]!["headers"]!);
      expect(passed).toEqual(expect.arrayContaining(["accept", "content-type", "user-agent"]));
      // Clients add a language of their own.
      for (const name of passed) expect(["accept", "accept-language", "content-type", "user-agent"]).toContain(name);
    }
  });

  it("gets the query of a GET, repeated keys as a list, and the JSON of a body", async () => {
    await install(door);
    const input = async (method: string, path: string, body?: unknown) =>
      (
        await call(method, `/api/plugins/door/public${path}`, {
          as: "visitor",
          ...(body === undefined ? {} : { body }),
        })
      ).body["data"]?.["input"];
    expect(await input("GET", "?a=1&b=x%20y&b=z&__proto__=p")).toEqual({ a: "1", b: ["x y", "z"] });
    expect(await input("DELETE", "?a=1")).toEqual({ a: "1" });
    expect(await input("PUT", "?a=1", [1, null, "ü"])).toEqual([1, null, "ü"]);
    expect(await input("POST", "", '{"__proto__":{"x":1},"y":2}')).toEqual({ y: 2 });
    expect(await input("POST", "")).toEqual({});
    for (const body of ["{", "undefined", new Uint8Array([0x22, 0xff, 0x22])]) {
      const { status, body: envelope } = await call("POST", "/api/plugins/door/public", { as: "visitor", body });
      expect({ status, ...envelope }).toMatchObject({ status: 400, success: false, error: { code: "BAD_REQUEST" } });
    }
  });

  it("takes a body and an address at the limit, and refuses them one over", async () => {
    await install(sketch("size", { routes: { of: `({ input }) => input.length ?? 0` }, open: ["of"] }));
    const send = (length: number) =>
      call("POST", "/api/plugins/size/of", { as: "visitor", body: JSON.stringify("x".repeat(length)) });
    expect((await send(ROUTE_LIMITS.bodyBytes - 2)).body).toEqual({ success: true, data: ROUTE_LIMITS.bodyBytes - 2 });
    expect((await send(ROUTE_LIMITS.bodyBytes - 1)).body).toMatchObject({
      success: false,
      error: { code: "PAYLOAD_TOO_LARGE" },
    });
    const base = "/api/plugins/size/of?q=";
    const room = ROUTE_LIMITS.urlChars - ORIGIN.length - base.length;
    expect((await call("GET", base + "x".repeat(room), { as: "visitor" })).status).toBe(200);
    expect((await call("GET", base + "x".repeat(room + 1), { as: "visitor" })).status).toBe(413);
  });

  it.each(["public", "html", "response", "missing"])("answers only inert JSON: %s", async (name) => {
    await install(door);
    const { status, headers } = await call("GET", `/api/plugins/door/${name}`, { as: "visitor" });
    expect([200, 404]).toContain(status);
    expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; sandbox; frame-ancestors 'none'");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("set-cookie")).toBeNull();
    expect(headers.get("location")).toBeNull();
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });

  it("with a slash in its name is found; one that is not declared is not", async () => {
    await install(door);
    expect((await callRoute("door", "items/list")).body).toEqual({ success: true, data: "nested" });
    for (const path of ["door/items", "door/constructor", "door/../door/public/x", "nobody/public", "door/public/"]) {
      const { status } = await call("GET", `/api/plugins/${path}`);
      expect({ path, status }).toEqual({ path, status: 404 });
    }
  });
});

describe("signing in", () => {
  it("with the bootstrap token sets a cookie that scripts cannot read, and signing out ends it", async () => {
    const { headers, body } = await call("POST", "/api/auth/session", {
      as: "visitor",
      body: { token: SECRETS.BOOTSTRAP_TOKEN },
    });
    expect(headers.get("set-cookie")).toMatch(/^__Host-bulkhead=[\w-]{43}; .*Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(JSON.stringify(body)).not.toContain(SECRETS.BOOTSTRAP_TOKEN);
    const cookie = headers.get("set-cookie")!.split(";")[0]!;
    expect((await call("GET", "/api/auth/session", asBrowser(cookie, {}))).body).toMatchObject({ role: "admin" });
    // Only a hash is kept.
    expect(JSON.stringify(await rows("SELECT * FROM _host_sessions"))).not.toContain(cookie.split("=")[1]);
    expect((await call("DELETE", "/api/auth/session", asBrowser(cookie, { origin: ORIGIN }))).status).toBe(204);
    expect((await call("GET", "/api/auth/session", asBrowser(cookie, {}))).status).toBe(401);
  });

  it("with a wrong, empty or missing proof is refused", async () => {
    for (const body of [
      { token: "wrong" },
      { token: "" },
      { code: "wrong" },
      {},
      { token: 1 },
      { token: SECRETS.BOOTSTRAP_TOKEN, code: "x" },
    ]) {
      const { status, headers } = await call("POST", "/api/auth/session", { as: "visitor", body });
      expect([400, 401]).toContain(status);
      expect(headers.get("set-cookie")).toBeNull();
    }
    expect(await rows("SELECT * FROM _host_sessions")).toEqual([]);
  });

  it("by a one-time link works once, even when two use it at the same time, and not after it expired", async () => {
    const link = async () => (await must<{ url: string }>("POST", "/api/auth/links")).url;
    const code = new URL(await link()).hash.replace("#code=", "");
    const answers = await Promise.all(
      [1, 2, 3].map(() => call("POST", "/api/auth/session", { as: "visitor", body: { code } })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401]);
    expect((await call("POST", "/api/auth/session", { as: "visitor", body: { code } })).body["detail"]).toMatch(
      /used before or has expired/,
    );
    const late = new URL(await link()).hash.replace("#code=", "");
    await target.env.DB.prepare("UPDATE _host_tokens SET expires_at = '2020-01-01T00:00:00.000Z'").run();
    expect((await call("POST", "/api/auth/session", { as: "visitor", body: { code: late } })).status).toBe(401);
    expect((await call("POST", "/api/auth/links", { as: "visitor" })).status).toBe(401);
  });

  it("by cookie changes things only from this site: every unsafe method is refused from another", async () => {
    await install(door);
    const cookie = await signIn();
    const unsafe = [
      ["POST", "/api/admin/plugins/door/disable"],
      ["DELETE", "/api/admin/plugins/door"],
      ["PUT", "/api/admin/plugins/door/settings"],
      ["POST", "/api/content/posts"],
      ["PATCH", "/api/content/posts/x"],
      ["DELETE", "/api/auth/session"],
      ["POST", "/api/auth/links"],
    ] as const;
    const foreign = [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site", origin: ORIGIN },
      { origin: "https://evil.dev" },
      { origin: "null" },
      {},
    ];
    for (const [method, path] of unsafe) {
      for (const headers of foreign) {
        const { status, body } = await call(method, path, asBrowser(cookie, headers as Record<string, string>));
        expect({ method, path, headers, status, code: body["code"] }).toEqual({
          method,
          path,
          headers,
          status: 403,
          code: "CROSS_SITE_REQUEST",
        });
      }
    }
    const own = asBrowser(cookie, { "sec-fetch-site": "same-origin", origin: ORIGIN });
    expect((await call("POST", "/api/admin/plugins/door/disable", own)).status).toBe(200);
    expect(
      (await call("GET", "/api/admin/plugins", asBrowser(cookie, { "sec-fetch-site": "cross-site" }))).status,
    ).toBe(200);
    // Somebody else's page cannot sign a visitor in as somebody else.
    const forced = {
      as: "visitor",
      body: { token: SECRETS.BOOTSTRAP_TOKEN },
      headers: { origin: "https://evil.dev" },
    } as const;
    expect((await call("POST", "/api/auth/session", forced)).status).toBe(403);
    expect((await createPost("By token")).status).toBe(201);
  });

  it("no longer counts when the session has expired", async () => {
    const cookie = await signIn();
    await target.env.DB.prepare("UPDATE _host_sessions SET expires_at = '2020-01-01T00:00:00.000Z'").run();
    expect((await call("GET", "/api/admin/plugins", asBrowser(cookie, {}))).status).toBe(401);
  });
});
