/** Where may a plugin's request go, at once and after redirects? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BRIDGE_LIMITS } from "../../host/bridges/limits.ts";
import type { Internet } from "../support/target.ts";
import { install } from "./client.ts";
import { anywhere, client, get, listen } from "./client-plugin.ts";
import { bridge, probe } from "./plugins.ts";

beforeEach(() => target.reset());

describe("an address", () => {
  const HOST = "api.shop.dev";
  /** What a plugin granted `api.shop.dev` and `*.cdn.dev` may reach. */
  // prettier-ignore
  const granted: readonly (readonly [string, boolean])[] = [
    [`https://${HOST}/`, true], [`https://${HOST}/a?b=c#d`, true], [`https://${HOST}:443/`, true], ["https://API.SHOP.DEV/", true],
    [`https://${HOST}./`, true], [`https:\\\\${HOST}\\x`, true], [` https://${HOST}/ `, true], ["https://cdn.dev/", true],
    ["https://a.cdn.dev/", true], ["https://a.b.cdn.dev/", true], [`http://${HOST}/`, false], [`https://${HOST}:8443/`, false],
    [`https://${HOST}:80/`, false], [`https://user@${HOST}/`, false], [`https://user:pass@${HOST}/`, false], [`https://${HOST}@evil.dev/`, false],
    [`https://${HOST}.evil.dev/`, false], [`https://evil.dev/${HOST}`, false], [`https://evil.dev#@${HOST}/`, false],
    [`https://evil.dev\\@${HOST}/`, false], ["https://shop.dev/", false], ["https://xapi.shop.dev/", false], ["https://a.api.shop.dev/", false],
    ["https://evilcdn.dev/", false], ["https://cdn.dev.evil.dev/", false], ["https://\u0430pi.shop.dev/", false], ["ftp://api.shop.dev/", false],
    ["file:///etc/passwd", false], ["data:text/plain,hi", false], ["javascript:alert(1)", false], ["wss://api.shop.dev/", false],
    ["blob:https://api.shop.dev/x", false], ["//api.shop.dev/", false], ["/relative", false], ["", false],
    [`https://api.shop.dev%2eevil.dev/`, false], [`https://${HOST}/${"x".repeat(8_200)}`, false],
  ];
  it("is reached only where granted: scheme, port, user, and look-alikes", async () => {
    await install(client([HOST, "*.cdn.dev"]));
    for (const [url, isAllowed] of granted) {
      const seen = listen();
      const answer = await get(url);
      expect({ url, reached: seen.length > 0, answered: answer.value !== undefined }).toEqual({
        url,
        reached: isAllowed,
        answered: isAllowed,
      });
    }
  });

  /** What even a plugin that may reach any host never reaches. */
  // prettier-ignore
  const internal = [
    "127.0.0.1", "127.1", "0", "0.0.0.0", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.0.0.1.", "１２７.0.0.1", "127。0。0。1",
    "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "8.8.8.8", "255.255.255.255", "[::1]", "[::]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[fe80::1]", "[fd00::1]", "[2606:4700::1111]", "localhost", "localhost.", "LOCALHOST", "a.localhost",
    "metadata", "metadata.google.internal", "kubernetes.default.svc.cluster.local", "printer.local", "intranet", "router.lan", "nas.home", "dc.corp",
    "x.home.arpa", "127.0.0.1.nip.io", "7f000001.sslip.io", "lvh.me", "a.localtest.me", "x.onion", "localhost..", "metadata.google.internal..",
    "host.docker.internal", "localhost.localdomain",
  ];
  it("of this machine, a private network or a raw IP in any spelling is never reached, whatever was granted", async () => {
    await install(anywhere());
    for (const host of internal) {
      const seen = listen();
      const { error, value } = await get(`https://${host}/`);
      expect({ host, seen: seen.length, value, code: error?.code }).toEqual({
        host,
        seen: 0,
        value: undefined,
        code: "DENIED",
      });
    }
    listen();
    expect(await get("https://any.shop.dev/")).toMatchObject({ value: { status: 200 } });
  });

  it("is not reached without the power at all, though hosts were granted to another", async () => {
    await install(client([HOST]));
    await install(probe("other", {}));
    const seen = listen();
    expect((await bridge("other", "http.fetch", `https://${HOST}/`)).error?.message).toMatch(
      /^Missing capability: network:request\./,
    );
    expect(seen).toEqual([]);
  });
});

describe("a redirect", () => {
  const HOSTS = ["a.shop.dev", "b.shop.dev"];
  const to =
    (location: string, status = 302): Internet =>
    (request) =>
      new URL(request.url).pathname === "/start"
        ? new Response(null, { status, headers: { location } })
        : new Response(`at ${request.url}`);

  it.each([
    ["another host", "https://evil.dev/", /^Host not allowed: evil\.dev/],
    ["the same host over http", "http://a.shop.dev/", /^Unsupported scheme: http/],
    ["another port", "https://a.shop.dev:8443/", /^Port not allowed/],
    ["the metadata address", "https://169.254.169.254/", /^Blocked fetch to internal host/],
    ["an address with a password", "https://u:p@b.shop.dev/", /user name or password/],
    ["a file", "file:///etc/passwd", /^Unsupported scheme/],
    ["nonsense", "https://", /not an address/i],
  ])("to %s is not followed", async (_, location, words) => {
    await install(client(HOSTS));
    const seen = listen(to(location));
    const { error } = await get("https://a.shop.dev/start");
    expect(error?.message).toMatch(words);
    expect(seen).toHaveLength(1);
  });

  it("to another granted host is followed, without what may hold a key", async () => {
    await install(client(HOSTS));
    for (const [location, follows] of [
      ["https://b.shop.dev/end", false],
      ["/end", true],
    ] as const) {
      const seen = listen(to(location, 307));
      const headers = { authorization: "Bearer k", "x-api-key": "k", accept: "a/b", "content-type": "text/plain" };
      await get("https://a.shop.dev/start", { method: "POST", headers, body: "payload" });
      expect(seen.map(({ method, body }) => [method, body])).toEqual([
        ["POST", "payload"],
        ["POST", "payload"],
      ]);
      expect(seen[0]!.headers.get("authorization")).toBe("Bearer k");
      expect([seen[1]!.headers.get("authorization"), seen[1]!.headers.get("x-api-key")]).toEqual(
        follows ? ["Bearer k", "k"] : [null, null],
      );
      expect([seen[1]!.headers.get("accept"), seen[1]!.headers.get("content-type")]).toEqual(["a/b", "text/plain"]);
    }
  });

  it.each([
    [301, "POST", "GET"],
    [302, "POST", "GET"],
    [303, "POST", "GET"],
    [303, "PUT", "GET"],
    [307, "POST", "POST"],
    [308, "PUT", "PUT"],
    [302, "PUT", "PUT"],
  ])("with %i turns %s into %s", async (status, method, then) => {
    await install(client(HOSTS));
    const seen = listen(to("/end", status));
    await get("https://a.shop.dev/start", { method, body: "x", headers: { "content-type": "text/plain" } });
    expect(seen[1]).toMatchObject({ method: then, body: then === "GET" ? "" : "x" });
    expect(seen[1]!.headers.get("content-type")).toBe(then === "GET" ? null : "text/plain");
  });

  it("that goes round in circles is given up after five", async () => {
    await install(client(HOSTS));
    const seen = listen((request) => new Response(null, { status: 302, headers: { location: request.url } }));
    expect((await get("https://a.shop.dev/")).error?.message).toBe(
      `Too many redirects (max ${BRIDGE_LIMITS.redirects}).`,
    );
    expect(seen).toHaveLength(BRIDGE_LIMITS.redirects + 1);
  });

  it("without a location is the answer", async () => {
    await install(client(HOSTS));
    listen(() => new Response("moved", { status: 302 }));
    expect(await get("https://a.shop.dev/")).toMatchObject({ value: { status: 302, text: "moved" } });
  });
});
