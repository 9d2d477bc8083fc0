/** Who answers an address of the site? The one plugin that holds it, with nothing that could act; the site where it fails. Nobody else, and never two. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { SITE_LIMITS } from "../../host/site/limits.ts";
import { CONTENT_TYPES } from "../../host/site/path-answer.ts";
import { packPlugin } from "../support/bundle.ts";
import {
  audit,
  call,
  consent,
  createPost,
  eventually,
  install,
  must,
  rows,
  upload,
  type Answer,
  type Json,
} from "./client.ts";
import { bridge, probe, sketch, type PluginSketch } from "./plugins.ts";
import { QUOTA, setUsed } from "./used-before.ts";

beforeEach(() => target.reset());

const TEXT = `const text = (words) => ({ _type: "block", _key: "b", style: "normal", markDefs: [], children: [{ _type: "span", _key: "s", text: words, marks: [] }] });`;
/** Says who it is and what it was asked. */
const says = (id: string) => `({ path }) => ({ contentType: "text/plain", body: "${id} at " + path })`;
const paths = (id: string, asked: readonly string[], handler = says(id), more: PluginSketch = {}) =>
  probe(id, {
    top: TEXT,
    ...more,
    hooks: { "page:request": handler, ...more.hooks },
    manifest: { bulkhead: { page: { paths: asked, ...(more.manifest?.["page"] as object | undefined) } } },
  });
const get = (path: string, headers: Readonly<Record<string, string>> = {}, method = "GET"): Promise<Answer<string>> =>
  call<string>(method, path, { as: "visitor", headers });
const bodyOf = async (path: string) => (await get(path)).body;
const change = (id: string, grant: object) =>
  call("PUT", `/api/admin/plugins/${id}/grants`, { body: { grants: [{ capability: "page:paths", ...grant }] } });
/** What the answer of one plugin at /x becomes. */
const answered = async (answer: string, headers?: Readonly<Record<string, string>>): Promise<Answer<string>> => {
  await install(paths("one", ["/x"], `() => (${answer})`));
  return get("/x", headers);
};

describe("a granted address", () => {
  it("is answered by its plugin, before the site's own page; every other stays the site's", async () => {
    await install(paths("map", ["/sitemap.xml", "/robots.txt", "/feed.xml", "/llms.txt", "/posts/shown", "/topics/*"]));
    await createPost("Shown", { publish: true });
    await createPost("Other", { publish: true });
    for (const path of ["/sitemap.xml", "/robots.txt", "/feed.xml", "/llms.txt", "/posts/shown", "/topics/tides"])
      expect(await get(path)).toMatchObject({ status: 200, body: `map at ${path}` });
    for (const [path, status] of [
      ["/", 200],
      ["/posts/other", 200],
      ["/sitemap-1.xml", 200],
      ["/site.css", 200],
      ["/llms.txt/", 404],
      ["/LLMS.txt", 404],
      ["/topics", 404],
      ["/topics/a/b", 404],
      ["/topics/A", 404],
    ] as const) {
      const answer = await get(path);
      expect({ path, status: answer.status, isPlugins: answer.body.includes("map at") }).toEqual({
        path,
        status,
        isPlugins: false,
      });
    }
  });

  it("tells path, address, query and method, and nothing of the visitor", async () => {
    await install(
      paths("told", ["/x"], `(event) => ({ contentType: "application/json", body: JSON.stringify(event) })`),
    );
    const { body } = await get("/x?a=1&b=2&b=3&__proto__=4&c=%26", {
      cookie: "secret=1",
      authorization: "Bearer secret",
      "user-agent": "Spy",
    });
    expect(body).toEqual({
      path: "/x",
      url: "https://cms.example/x?a=1&b=2&b=3&__proto__=4&c=%26",
      query: Object.fromEntries([
        ["a", "1"],
        ["b", ["2", "3"]],
        ["__proto__", "4"],
        ["c", "&"],
      ]),
      method: "GET",
    });
  });

  it("is counted as used under the name it was granted", async () => {
    await install(paths("map", ["/topics/*"]));
    for (const name of ["a", "b", "c"]) await get(`/topics/${name}`);
    await eventually(async () =>
      expect(await rows("SELECT capability, target, calls, denied FROM _host_usage WHERE plugin_id = 'map'")).toEqual([
        { capability: "page:paths", target: "/topics/*", calls: 3, denied: 0 },
      ]),
    );
  });

  it("is answered for GET and HEAD alone", async () => {
    await install(paths("map", ["/x"]));
    const head = await get("/x", {}, "HEAD");
    expect({ status: head.status, body: head.body, type: head.headers.get("content-type") }).toEqual({
      status: 200,
      body: "",
      type: "text/plain; charset=utf-8",
    });
    expect(head.headers.get("etag")).toBe((await get("/x")).headers.get("etag"));
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
      expect({ method, status: (await get("/x", {}, method)).status }).toEqual({ method, status: 404 });
  });

  it("longer than it may be is not passed on", async () => {
    await install(paths("map", ["/x"]));
    const fill = SITE_LIMITS.requestUrlChars - "https://cms.example/x?q=".length;
    expect((await get(`/x?q=${"a".repeat(fill)}`)).status).toBe(200);
    expect((await get(`/x?q=${"a".repeat(fill + 1)}`)).status).toBe(404);
  });
});

describe("an address that is not granted", () => {
  const install2 = async () => {
    await install(paths("one", ["/one", "/also"]));
    await install(paths("two", ["/two"]));
  };
  const statuses = async () => Promise.all(["/one", "/also", "/two"].map(async (path) => (await get(path)).status));
  const set = (scope: string) => call("POST", "/api/admin/kill-switch", { body: { scope, on: true } });

  it.each<readonly [string, () => Promise<Answer>, readonly number[]]>([
    ["denied", () => change("one", { allowed: false }), [404, 404, 200]],
    ["narrowed to another", () => change("one", { paths: ["/also"] }), [404, 200, 200]],
    ["narrowed to none", () => change("one", { paths: [] }), [404, 404, 200]],
    ["paused", () => change("one", { paused: true }), [404, 404, 200]],
    ["narrowed and only tried out", () => change("one", { paths: [], mode: "report" }), [200, 200, 200]],
    ["disabled", () => call("POST", "/api/admin/plugins/one/disable"), [404, 404, 200]],
    ["uninstalled", () => call("DELETE", "/api/admin/plugins/one"), [404, 404, 200]],
    ["switched off with its plugin", () => set("one"), [404, 404, 200]],
    ["switched off for all", () => set("capability:page:paths"), [404, 404, 404]],
    ["switched off with all plugins", () => set("all"), [404, 404, 404]],
    [
      "taken by the policy",
      () =>
        call("PUT", "/api/admin/policy", { body: { document: { version: 1, capabilities: { deny: ["page:*"] } } } }),
      [404, 404, 404],
    ],
  ])("any more, being %s, is the site's at the next request", async (_, act, expected) => {
    await install2();
    expect(await statuses()).toEqual([200, 200, 200]);
    expect((await act()).status).toBe(200);
    expect(await statuses()).toEqual(expected);
  });

  it("any more, having ended, is the site's", async () => {
    await install2();
    await target.env.DB.batch([
      target.env.DB.prepare("UPDATE _host_grants SET until = '2020-01-01T00:00:00.000Z' WHERE plugin_id = 'one'"),
      target.env.DB.prepare("UPDATE _host_state SET generation = generation + 1"),
    ]);
    expect(await statuses()).toEqual([404, 404, 200]);
  });

  it("is not answered by whoever else has the hook: another plugin's grant does not help", async () => {
    await install(paths("one", ["/one"]));
    await install(paths("two", ["/two"], `() => ({ contentType: "text/plain", body: "stolen" })`), {
      deny: ["page:paths"],
    });
    expect(await bodyOf("/one")).toBe("one at /one");
    expect((await get("/two")).status).toBe(404);
    await must("POST", "/api/admin/plugins/one/disable");
    expect((await get("/one")).status).toBe(404);
  });
});

describe("an address has one plugin", () => {
  it("another that asks for it reads so in its plan and cannot be granted it, until the first lets it go", async () => {
    await install(paths("first", ["/sitemap-*.xml", "/a"]));
    const plan = await upload(paths("second", ["/sitemap-1.xml", "/b"]));
    const words =
      "/sitemap-1.xml: first holds it as /sitemap-*.xml, and an address has one plugin. Narrow or deny page:paths of either, or uninstall first.";
    expect(plan).toMatchObject({
      findings: [
        { code: "not-signed" },
        { level: "danger", code: "path-taken", message: words },
        {
          level: "warning",
          code: "replaces-pages",
          message: "It takes the place of pages that the site has itself: /sitemap-1.xml.",
        },
      ],
    });
    expect(await consent(plan)).toMatchObject({
      status: 409,
      body: { code: "CONFLICT", detail: `Cannot grant ${words}` },
    });
    expect(await consent(plan, { paths: ["/b"] })).toMatchObject({ status: 200 });
    expect([await bodyOf("/sitemap-1.xml"), await bodyOf("/b")]).toEqual(["first at /sitemap-1.xml", "second at /b"]);
    expect(await change("second", { paths: ["/b", "/sitemap-1.xml"] })).toMatchObject({
      status: 409,
      body: { detail: `Cannot grant ${words}` },
    });
    expect((await change("first", { paths: ["/a"] })).status).toBe(200);
    expect((await change("second", { paths: ["/b", "/sitemap-1.xml"] })).status).toBe(200);
    expect(await bodyOf("/sitemap-1.xml")).toBe("second at /sitemap-1.xml");
    // Now the first has to wait.
    expect(await change("first", { paths: ["/a", "/sitemap-*.xml"] })).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/^Cannot grant \/sitemap-\*\.xml: second holds it as \/sitemap-1\.xml/) },
    });
    expect(await audit()).toMatchObject({ ok: true });
  });

  it.each<readonly [string, () => Promise<Answer>]>([
    ["disabled", () => call("POST", "/api/admin/plugins/first/disable")],
    ["paused", () => change("first", { paused: true })],
    ["given until a day", () => change("first", { until: "2099-01-01T00:00:00Z" })],
    ["denied and tried out: a trial holds all it asks for", () => change("first", { allowed: false, mode: "report" })],
    ["narrowed and tried out", () => change("first", { paths: [], mode: "report" })],
    ["switched off", () => call("POST", "/api/admin/kill-switch", { body: { scope: "first", on: true } })],
  ])("also while the first is %s", async (_, act) => {
    await install(paths("first", ["/x"]));
    expect((await act()).status).toBe(200);
    expect(await consent(await upload(paths("second", ["/x"])))).toMatchObject({
      status: 409,
      body: { code: "CONFLICT" },
    });
    expect(await rows("SELECT plugin_id FROM _host_grants WHERE plugin_id = 'second'")).toEqual([]);
  });

  it.each<readonly [string, () => Promise<Answer>]>([
    ["denied it", () => change("first", { allowed: false })],
    ["was narrowed to nothing", () => change("first", { paths: [] })],
    ["was uninstalled", () => call("DELETE", "/api/admin/plugins/first")],
  ])("until the first %s", async (_, act) => {
    await install(paths("first", ["/x"]));
    expect((await act()).status).toBe(200);
    expect((await consent(await upload(paths("second", ["/x"])))).status).toBe(200);
    expect(await bodyOf("/x")).toBe("second at /x");
  });

  it("a trial is refused too where it would reach what another holds", async () => {
    await install(paths("first", ["/x"]));
    const plan = await upload(paths("second", ["/x"]));
    expect((await consent(plan, { deny: ["page:paths"], report: ["page:paths"] })).status).toBe(409);
    expect((await consent(plan, { deny: ["page:paths"] })).status).toBe(200);
    expect((await change("second", { allowed: false, mode: "report" })).status).toBe(409);
    expect((await change("second", { allowed: true })).status).toBe(409);
    // A power may be taken away whatever the others hold.
    expect((await change("second", { allowed: false })).status).toBe(200);
  });

  it("its own update may ask for it again, and one that lets it go frees it", async () => {
    await install(paths("first", ["/x", "/y"]));
    expect(await upload(paths("first", ["/x", "/y*"], says("first"), { version: "1.1.0" }))).toMatchObject({
      findings: [{ code: "not-signed" }],
      escalation: true,
    });
    expect((await consent(await upload(paths("first", ["/y"], says("first"), { version: "2.0.0" })))).status).toBe(200);
    expect((await consent(await upload(paths("second", ["/x"])))).status).toBe(200);
    expect([await bodyOf("/x"), await bodyOf("/y")]).toEqual(["second at /x", "first at /y"]);
    expect(await consent(await upload(paths("first", ["/x"], says("first"), { version: "3.0.0" })))).toMatchObject({
      status: 409,
    });
    expect(await bodyOf("/y")).toBe("first at /y");
  });

  it("of two consents at once, and of ten, one wins", async () => {
    const ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    const plans: Json[] = [];
    for (const [i, id] of ids.entries())
      plans.push(await upload(paths(id, [i % 2 === 0 ? "/t/*" : `/t/${id}*`, `/own-${id}`])));
    const answers = await Promise.all(plans.map((plan) => consent(plan)));
    const won = answers.flatMap(({ status }, i) => (status === 200 ? [i] : []));
    // Those with a word of their own do not meet each other, but all meet the star alone.
    expect(won.every((i) => i % 2 === 1) || won.length === 1).toBe(true);
    for (const [i, answer] of answers.entries()) {
      if (!won.includes(i))
        expect(answer).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/holds it/) } });
    }
    const held = await rows<{ plugin_id: string }>(
      "SELECT plugin_id FROM _host_grants WHERE capability = 'page:paths' AND allowed = 1 ORDER BY 1",
    );
    expect(held.map(({ plugin_id }) => plugin_id)).toEqual(won.map((i) => ids[i]));
    expect(await audit()).toMatchObject({ ok: true });
  });

  it("of two changes of grants at once, one wins", async () => {
    for (const id of ["a", "b"]) await install(paths(id, ["/x"]), { deny: ["page:paths"] });
    const answers = await Promise.all(["a", "b"].map((id) => change(id, { allowed: true })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    const at = answers.findIndex(({ status }) => status === 200);
    expect(await bodyOf("/x")).toBe(`${["a", "b"][at]} at /x`);
  });
});

describe("a text", () => {
  it.each(CONTENT_TYPES)("may be %s, and carries what lets nothing run", async (type) => {
    const { status, headers, body } = await answered(
      `{ contentType: "${type}", body: "\\"<script>alert(1)</script>\\"" }`,
    );
    expect({
      status,
      type: headers.get("content-type"),
      nosniff: headers.get("x-content-type-options"),
      caching: headers.get("cache-control"),
    }).toEqual({
      status: 200,
      type: `${type}; charset=utf-8`,
      nosniff: "nosniff",
      caching: "no-cache",
    });
    expect(JSON.stringify(body)).toContain("<script>");
    expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; /);
    // XML is sandboxed: it may be a page of its own.
    expect(headers.get("content-security-policy")!.endsWith("; sandbox")).toBe(type.endsWith("xml"));
    expect(headers.get("set-cookie")).toBeNull();
    expect(headers.get("x-frame-options")).toBe("DENY");
  });

  it("is sent again only where it has changed", async () => {
    const at = "2026-11-01T12:00:00.500Z";
    const first = await answered(`{ contentType: "text/plain", body: "same", lastModified: "${at}", maxAge: 60 }`);
    const etag = first.headers.get("etag")!;
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(first.headers.get("last-modified")).toBe("Sun, 01 Nov 2026 12:00:00 GMT");
    expect(first.headers.get("cache-control")).toBe("public, max-age=60");
    const not: readonly (readonly [Readonly<Record<string, string>>, number])[] = [
      [{ "if-none-match": etag }, 304],
      [{ "if-none-match": `W/${etag}` }, 304],
      [{ "if-none-match": `"other", W/${etag}` }, 304],
      [{ "if-none-match": "*" }, 304],
      [{ "if-none-match": `"other"` }, 200],
      [{ "if-none-match": "" }, 200],
      [{ "if-modified-since": "Sun, 01 Nov 2026 12:00:00 GMT" }, 304],
      [{ "if-modified-since": "Sun, 01 Nov 2026 12:00:01 GMT" }, 304],
      [{ "if-modified-since": "Sun, 01 Nov 2026 11:59:59 GMT" }, 200],
      [{ "if-modified-since": "never" }, 200],
      [{ "if-none-match": `"other"`, "if-modified-since": "Sun, 01 Nov 2026 12:00:00 GMT" }, 200],
    ];
    for (const [headers, status] of not) {
      const answer = await get("/x", headers);
      expect({ headers, status: answer.status, body: answer.body }).toEqual({
        headers,
        status,
        body: status === 304 ? "" : "same",
      });
      expect(answer.headers.get("etag")).toBe(etag);
      expect(answer.headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
    }
    expect((await get("/x", { "if-none-match": etag }, "HEAD")).status).toBe(304);
  });

  it("that is no 200 has no ETag and is never a 304", async () => {
    const { status, headers } = await answered(`{ contentType: "text/plain", body: "gone", status: 410 }`, {
      "if-none-match": "*",
    });
    expect({ status, etag: headers.get("etag") }).toEqual({ status: 410, etag: null });
  });

  it("is taken up to its limits", async () => {
    const { answerBytes, answerMaxAge } = SITE_LIMITS;
    await install(
      paths(
        "one",
        ["/size-*", "/age-*"],
        `({ path }) => {
        const number = Number(path.split("-")[1]);
        return path.startsWith("/size") ? { contentType: "text/plain", body: "é".repeat(number / 2) + "x".repeat(number % 2) } : { contentType: "text/plain", body: "x", maxAge: number };
      }`,
      ),
    );
    expect((await get(`/size-${answerBytes}`)).status).toBe(200);
    expect((await get(`/size-${answerBytes + 1}`)).status).toBe(503);
    expect((await get(`/age-${answerMaxAge}`)).status).toBe(200);
    expect((await get(`/age-${answerMaxAge + 1}`)).status).toBe(503);
  });
});

describe("a page", () => {
  it("is drawn in the site's layout, sanitised, with its head and foot open to plugins", async () => {
    await install(
      paths(
        "one",
        ["/topics/*"],
        `({ path }) => ({ page: { title: "<b>Tides</b>", description: 'Of "tides" & <i>', blocks: [text("About " + path), { _type: "htmlBlock", html: "<script>alert(1)</script>" }, { _type: "block", markDefs: [{ _type: "link", _key: "l", href: "javascript:alert(1)" }], children: [{ _type: "span", text: "<script>", marks: ["l"] }] }] } })`,
        {
          hooks: {
            "page:metadata": `({ page }) => ({ kind: "meta", name: "x-kind", content: page.kind + " " + page.path })`,
            "page:blocks": `({ page, slots }) => slots.map((slot) => ({ slot, blocks: [text(page.kind + " at " + slot)] }))`,
          },
          manifest: { page: { slots: ["post.after", "page.footer"] } },
        },
      ),
    );
    const { status, body, headers } = await get("/topics/tides?x=%22%3E");
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/html; charset=UTF-8");
    expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'self'/);
    for (const words of [
      "<h1>&lt;b&gt;Tides&lt;/b&gt;</h1>",
      "<title>&lt;b&gt;Tides&lt;/b&gt; · ",
      "<p>About /topics/tides</p>",
      `name="x-kind" content="custom /topics/tides"`,
      `rel="canonical" href="https://cms.example/topics/tides"`,
      "custom at page.footer",
      `<header class="site">`,
    ])
      expect(body).toContain(words);
    expect(body).not.toMatch(/post\.after|<script>|javascript:|%22/);
    expect((await get("/topics/tides", { "if-none-match": headers.get("etag")! })).status).toBe(304);
    const head = await get("/topics/tides", {}, "HEAD");
    expect({ status: head.status, body: head.body }).toEqual({ status: 200, body: "" });
  });

  it.each([
    [`{ page: { title: "x".repeat(${SITE_LIMITS.answerTitleChars}), blocks: [] } }`, 200],
    [`{ page: { title: "x".repeat(${SITE_LIMITS.answerTitleChars + 1}), blocks: [] } }`, 503],
    [`{ page: { title: "x", description: "x".repeat(${SITE_LIMITS.answerDescriptionChars}), blocks: [] } }`, 200],
    [`{ page: { title: "x", description: "x".repeat(${SITE_LIMITS.answerDescriptionChars + 1}), blocks: [] } }`, 503],
    [`{ page: { title: " \\n", blocks: [] } }`, 503],
    [`{ page: { title: "x" } }`, 503],
    [`{ page: { title: "x", blocks: {} } }`, 503],
    [`{ page: { title: "x", blocks: [], status: 404 } }`, 503],
    [`{ page: null }`, 503],
  ])("%s becomes a %i", async (answer, status) => expect((await answered(answer)).status).toBe(status));
});

describe("a redirect", () => {
  it.each([
    ["/topics/tides", "/topics/tides"],
    ["/a?b=c#d", "/a?b=c#d"],
    ["/ä", "/%C3%A4"],
    ["/a/../b", "/b"],
    ["/@evil.test", "/@evil.test"],
    ["/https://evil.test", "/https://evil.test"],
  ])("to %s leads to %s", async (to, location) => {
    const { status, headers } = await answered(JSON.stringify({ redirect: to }));
    expect({ status, location: headers.get("location") }).toEqual({ status: 302, location });
  });

  it.each([
    "//evil.test",
    "///evil.test",
    "https://evil.test",
    "https:evil.test",
    "javascript:alert(1)",
    "\\\\evil.test",
    "/\\evil.test",
    "/\t/evil.test",
    "\t//evil.test",
    " //evil.test",
    "/\n/evil.test",
    "/a\r\nset-cookie: x=1",
    "/..//evil.test",
    "/.//evil.test",
    "/a/..//evil.test",
    "/%2e%2e//evil.test",
    "/%2E//evil.test",
    "evil.test",
    "?a",
    "#a",
    "",
    "/\u0000",
    "/\u00a0/evil.test",
  ])("off the site, to %j, is none", async (to) => {
    const { status, headers } = await answered(JSON.stringify({ redirect: to }));
    expect({ status, location: headers.get("location"), cookie: headers.get("set-cookie") }).toEqual({
      status: 503,
      location: null,
      cookie: null,
    });
  });
});

describe("an answer that cannot stand", () => {
  const wrong: readonly (readonly [string, string])[] = [
    ["no type that could act: HTML", `{ contentType: "text/html", body: "<script>alert(1)</script>" }`],
    ["no type that could act: SVG", `{ contentType: "image/svg+xml", body: "<svg onload='alert(1)'/>" }`],
    ["no type that could act: XHTML", `{ contentType: "application/xhtml+xml", body: "<html/>" }`],
    ["no type that could act: a script", `{ contentType: "text/javascript", body: "alert(1)" }`],
    ["no type that could act: a style", `{ contentType: "text/css", body: "*{}" }`],
    ["a type with more in it", `{ contentType: "text/plain; charset=utf-7", body: "x" }`],
    ["a type with a header in it", `{ contentType: "text/plain\\r\\nset-cookie: x=1", body: "x" }`],
    ["a type in capitals", `{ contentType: "TEXT/PLAIN", body: "x" }`],
    ["no type", `{ body: "x" }`],
    ["a list of types", `{ contentType: ["text/plain"], body: "x" }`],
    ["a body that is no text", `{ contentType: "application/json", body: { a: 1 } }`],
    ["no body", `{ contentType: "text/plain" }`],
    ["headers", `{ contentType: "text/plain", body: "x", headers: { "set-cookie": "x=1" } }`],
    ["a status of 0", `{ contentType: "text/plain", body: "x", status: 0 }`],
    ["a status of 101", `{ contentType: "text/plain", body: "x", status: 101 }`],
    ["a status of 204", `{ contentType: "text/plain", body: "x", status: 204 }`],
    ["a status of 301", `{ contentType: "text/plain", body: "x", status: 301 }`],
    ["a status of 304", `{ contentType: "text/plain", body: "x", status: 304 }`],
    ["a status of 399", `{ contentType: "text/plain", body: "x", status: 399 }`],
    ["a status of 600", `{ contentType: "text/plain", body: "x", status: 600 }`],
    ["a status of 200.5", `{ contentType: "text/plain", body: "x", status: 200.5 }`],
    ["a status in text", `{ contentType: "text/plain", body: "x", status: "200" }`],
    ["an age below nothing", `{ contentType: "text/plain", body: "x", maxAge: -1 }`],
    ["an age with a header in it", `{ contentType: "text/plain", body: "x", maxAge: "1\\r\\nx: y" }`],
    ["a time that is none", `{ contentType: "text/plain", body: "x", lastModified: "yesterday" }`],
    [
      "a time with a header in it",
      `{ contentType: "text/plain", body: "x", lastModified: "2026-11-01T12:00:00Z\\r\\nx: y" }`,
    ],
    ["a text", `"<script>alert(1)</script>"`],
    ["a number", `1`],
    ["a list", `[{ contentType: "text/plain", body: "x" }]`],
    ["an empty object", `{}`],
    ["a text and a page at once", `{ contentType: "text/plain", body: "x", page: { title: "x", blocks: [] } }`],
    ["a prototype", `JSON.parse('{"__proto__":{"contentType":"text/plain","body":"x"}}')`],
    ["5 MiB", `{ contentType: "text/plain", body: "x".repeat(5 * 1048576) }`],
    ["a throw", `(() => { throw new Error("no"); })()`],
    ["a loop", `(() => { for (;;); })()`],
    ["too much memory", `(() => { const all = []; for (;;) all.push(new Array(1e5).fill(1)); })()`],
  ];

  it.each(wrong)("%s: the site's own page stands in, and its own 503 where it has none", async (_, answer) => {
    await install(paths("one", ["/robots.txt", "/nothing", "/posts/gone"], `() => (${answer})`));
    const own = await get("/robots.txt");
    expect(own).toMatchObject({ status: 200, body: expect.stringMatching(/^User-agent: \*/) });
    for (const path of ["/nothing", "/posts/gone"]) {
      const { status, headers, body } = await get(path);
      expect({ path, status, retry: headers.get("retry-after") }).toEqual({ path, status: 503, retry: "60" });
      expect(body).toContain("This page is not available right now");
      expect(body).not.toMatch(/alert|one/);
      expect(headers.get("set-cookie")).toBeNull();
      expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
    }
  });

  it("null is an answer: there is no page, also where the site has one", async () => {
    await install(paths("one", ["/robots.txt", "/x"], `() => null`));
    await install(paths("two", ["/y"], `() => {}`));
    for (const path of ["/robots.txt", "/x", "/y"]) {
      const { status, body } = await get(path);
      expect({ path, status, says: body.includes("There is no page here") }).toEqual({ path, status: 404, says: true });
    }
  });

  it("of a plugin over its quota is the site's, with when to come back", async () => {
    await install(paths("one", ["/robots.txt", "/x"]));
    await install(paths("two", ["/y"]));
    await setUsed("one", "fuel", QUOTA.meters.fuel.hour + 1);
    expect((await get("/robots.txt")).body).toMatch(/^User-agent/);
    const { status, headers } = await get("/x");
    expect(status).toBe(503);
    expect(Number(headers.get("retry-after"))).toSatisfy((seconds: number) => seconds > 0 && seconds <= 3_600);
    expect(await bodyOf("/y")).toBe("two at /y");
  });
});

describe("an answer", () => {
  it("may be made of what the plugin keeps, on the budget of a route", async () => {
    await install(
      paths(
        "list",
        ["/llms.txt"],
        `async (_, ctx) => {
        let lines = 0;
        for (let i = 0; i < 60; i++) lines += (await ctx.kv.get("k")) ?? 0;
        return { contentType: "text/plain", body: String(lines) };
      }`,
      ),
    );
    await bridge("list", "kv.set", "k", 2);
    expect(await bodyOf("/llms.txt")).toBe("120");
  });

  it("comes under no power but its own", async () => {
    await install(
      paths(
        "poor",
        ["/x"],
        `async (_, ctx) => {
        try { await ctx.content.list("posts"); return null; } catch (error) { return { contentType: "text/plain", body: error.code }; }
      }`,
      ),
    );
    expect(await bodyOf("/x")).toBe("DENIED");
  });
});

describe("a manifest", () => {
  it.each([
    "/",
    "/*",
    "/api/x",
    "/admin",
    "/_emdash/x",
    "/media/a.png",
    "/site.css",
    "/a/*/b",
    "https://x.dev/a",
    "/A",
  ])("that asks for %s is refused, with what may be asked for", async (path) => {
    const { status, body } = await call("POST", "/api/admin/plugins", {
      body: await packPlugin(paths("wrong", [path])),
      headers: { "content-type": "application/gzip" },
    });
    expect({ status, code: body["code"], detail: body["detail"] }).toEqual({
      status: 422,
      code: "MANIFEST_INVALID",
      detail: expect.stringMatching(/^bulkhead\.page\.paths\[0\]: Expected an address of the site such as \/llms\.txt/),
    });
  });

  it("that asks for an address without a hook is told so in the plan", async () => {
    expect(await upload(sketch("bare", { manifest: { bulkhead: { page: { paths: ["/x"] } } } }))).toMatchObject({
      capabilities: [{ name: "page:paths", targetKind: "paths", targets: ["/x"], risk: "high" }],
      findings: [{ code: "not-signed" }, { level: "info", code: "no-page-hook" }],
    });
  });
});
