/**
 * Where did a plugin fail? In the author's file and line, with the code around it, for people who manage plugins; never
 * for visitors, and never for a word of the host's own. Stack, map and sources are written by a stranger.
 */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BUNDLE_LIMITS } from "../../host/bundle/limits.ts";
import { TRACE_LIMITS } from "../../host/trace/limits.ts";
import { packPlugin, type PluginSource } from "../support/bundle.ts";
import { call, callRoute, createPost, install, invocations, must, uploadBytes } from "./client.ts";
import { probe, sketch, type PluginSketch } from "./plugins.ts";
import early from "./traced-plugin/src/top.ts?bundle";
import traced from "./traced-plugin/src/index.ts?bundle";

beforeEach(() => target.reset());

interface Frame {
  readonly name: string | null;
  readonly file: string;
  readonly line: number;
  readonly column: number | null;
  readonly code: { readonly file: string; readonly line: number; readonly text: string } | null;
}
interface Trace {
  readonly place: string | null;
  readonly note: string | null;
  readonly errors: readonly { readonly name: string; readonly message: string; readonly frames: readonly Frame[] }[];
}

/** The traces of a plugin's calls, newest first. */
async function traces(id: string, count: number): Promise<readonly (Trace | null)[]> {
  const items = await invocations(id, count);
  return Promise.all(
    items.map(async (item) => {
      const path = `/api/admin/plugins/${id}/invocations/${String(item["id"])}`;
      const { invocation } = await must<{ invocation: { place: string | null; trace: Trace | null } }>("GET", path);
      expect(invocation.place).toBe(invocation.trace?.place ?? null);
      expect(item["place"]).toBe(invocation.place);
      return invocation.trace;
    }),
  );
}

/** Installs a plugin, calls its route `fall`, and gives the trace of it. */
async function fall(source: PluginSource, route = "fall"): Promise<Trace> {
  const { id } = source.manifest as { id: string };
  await install(source);
  expect(await callRoute(id, route)).toMatchObject({ status: 422, body: { error: { code: "ROUTE_ERROR" } } });
  return (await traces(id, 1))[0]!;
}

const placesOf = (error: Trace["errors"][number] | undefined) =>
  error?.frames.map(({ name, file, line }) => `${name ?? "-"} ${file}:${line}`);
const codeOf = (error: Trace["errors"][number] | undefined) =>
  error?.frames.flatMap(({ code }) => (code ? [code.text] : [])).join("\n---\n");
const lines = (...text: readonly string[]) => text.join("\n");

/** What came out of the bundler, as a plugin. */
const bundled = (id: string, { backend, map }: { readonly backend: string; readonly map: string }): PluginSource => ({
  manifest: sketch(id, { routes: { fall: "", wrap: "", later: "" } }).manifest,
  backend,
  files: { "backend.js.map": map },
});

/** A plugin of one route that fails on its second line, with a map of the test's own. */
function mapped(id: string, map: unknown, handler = `() => {\nthrow new Error("fell");\n}`): PluginSource {
  const text = typeof map === "string" ? map : JSON.stringify(map);
  return { ...sketch(id, { routes: { fall: handler } }), files: { "backend.js.map": text } };
}

describe.each(["plain", "minified"] as const)("a %s bundle of two files with a source map", (kind) => {
  const slug = lines(
    "   6 | function splitWords(title: string | null): readonly string[] {",
    "   7 |   // The author did not think of posts without one.",
    `>  8 |   const words = title!.toLowerCase().split(" ");`,
    "     |                        ^",
    `   9 |   return words.filter((word) => word !== "");`,
    "  10 | }",
  );

  it("that throws is traced to the author's file, line and function, with a caret under the code", async () => {
    const trace = await fall(bundled("traced", traced[kind]));
    expect(trace).toMatchObject({ place: "src/slug.ts:8:24", note: null });
    expect(trace.errors).toMatchObject([
      { name: "TypeError", message: "cannot read property 'toLowerCase' of null", frames: { length: 3 } },
    ]);
    expect(placesOf(trace.errors[0])).toEqual([
      "splitWords src/slug.ts:8",
      "toSlug src/slug.ts:3",
      "fall src/index.ts:19",
    ]);
    expect(codeOf(trace.errors[0])).toBe(slug);
  });

  it("that throws after an await is traced as well", async () => {
    const trace = await fall(bundled("traced", traced[kind]), "later");
    expect(trace.place).toBe("src/slug.ts:8:24");
    expect(placesOf(trace.errors[0])?.slice(0, 2)).toEqual(["splitWords src/slug.ts:8", "toSlug src/slug.ts:3"]);
  });

  it("that throws in a catch is traced to the throw", async () => {
    const trace = await fall(bundled("traced", traced[kind]), "wrap");
    expect(trace.place).toBe("src/index.ts:8:15");
    expect(trace.errors[0]).toMatchObject({ name: "RangeError", message: "This post has no address" });
    expect(placesOf(trace.errors[0])).toEqual(["toAddress src/index.ts:8", "wrap src/index.ts:20"]);
    expect(codeOf(trace.errors[0])).toBe(
      lines(
        "   6 |     return `/posts/${toSlug(title)}`;",
        "   7 |   } catch (cause) {",
        `>  8 |     throw new RangeError("This post has no address", { cause });`,
        "     |               ^",
        "   9 |   }",
        "  10 | }",
      ),
    );
  });

  it("that throws with a cause shows the cause with its own places and code", async () => {
    const trace = await fall(bundled("traced", traced[kind]), "wrap");
    expect(trace.errors.map(({ name, message }) => `${name}: ${message}`)).toEqual([
      "RangeError: This post has no address",
      "TypeError: cannot read property 'toLowerCase' of null",
    ]);
    expect(placesOf(trace.errors[1])?.slice(0, 2)).toEqual(["splitWords src/slug.ts:8", "toSlug src/slug.ts:3"]);
    expect(codeOf(trace.errors[1])).toBe(slug);
  });
});

describe("a bundle without a map", () => {
  it("is traced to backend.js, and the trace says what is missing", async () => {
    const { files: _, ...source } = bundled("bare", traced.plain);
    const trace = await fall(source);
    const at = traced.plain.backend.split("\n").findIndex((line) => line.includes(".toLowerCase")) + 1;
    expect(trace).toMatchObject({
      place: `backend.js:${at}:23`,
      note: expect.stringMatching(/no source map.*Add backend\.js\.map/),
    });
    expect(codeOf(trace.errors[0])).toContain(
      `> ${at} |   const words = title.toLowerCase().split(" ");\n    |                       ^`,
    );
  });

  it("that is one long line shows the part around the place", async () => {
    const { files: _, ...source } = bundled("narrow", traced.minified);
    const backend = `${"globalThis.x=1;".repeat(5_000)}${traced.minified.backend}`;
    const code = codeOf((await fall({ ...source, backend })).errors[0])!;
    const [line, caret] = code.split("\n") as [string, string];
    expect(line.length).toBeLessThanOrEqual(TRACE_LIMITS.codeColumns + 10);
    expect(line.startsWith("> 1 | …") && line.endsWith("…")).toBe(true);
    expect(line.slice(caret.indexOf("^"))).toMatch(/^toLowerCase\(/);
  });

  // The engine counts characters, and names a call's bracket and a property's dot; this notices when it stops to.
  it.each([
    ["on the first line", `const e = () => { throw new Error("é"); };`, /^Error\("é"/],
    ["behind letters of many bytes", `\nconst e = () => { "é😀語"; throw new Error("x"); };`, /^Error\("x"/],
    [
      "between characters of two units",
      `"😀";\nconst e = () => { "😀😀"; throw new Error("😀x"); "😀😀"; };\n"😀";`,
      /^Error\("😀x"/,
    ],
    [
      "at a call of what is none",
      `\nconst e = (a = {}) => { [].push(1); a.gone . missing(1,\n 2); return 1; };`,
      /^missing\(1,/,
    ],
    ["at a call", `\nfunction f() { throw new Error("x"); } const e = () => { "é"; f(); };`, /^Error\("x"/],
    [
      "of a property of nothing",
      `\nconst e = (a) => { [].push(1);\n const b = 2;\n return a.b?.c + a . q; };`,
      /^b\?\.c/,
    ],
    ["of a name that is not there", `\nconst e = () => { [].push(1);\n return nobody + 1; };`, /^nobody/],
  ])("has its caret right %s", async (_, top, code) => {
    const trace = await fall(sketch("caret", { top, routes: { fall: "() => e()" } }));
    const text = codeOf(trace.errors[0])!.split("\n");
    const marked = text.findIndex((line) => line.startsWith(">"));
    expect(text[marked]!.slice(text[marked + 1]!.indexOf("^"))).toMatch(code);
  });
});

describe("a map that is none", () => {
  const map = { version: 3, sources: ["src/a.ts"], sourcesContent: ["let it;"], names: [], mappings: "AAAA" };
  // prettier-ignore
  const maps: readonly (readonly [string, unknown, RegExp])[] = [
    ["is no JSON", "}{", /it is not JSON/],
    ["is empty", "", /it is not JSON/],
    ["is a list", [], /not an object/],
    ["is null", "null", /not an object/],
    ["is of version 2", { ...map, version: 2 }, /version is not 3/],
    ["has sections", { version: 3, sections: [{ offset: { line: 0, column: 0 }, map }] }, /sections/],
    ["has no mappings", { ...map, mappings: undefined }, /mappings are not a text/],
    ["has mappings as a list", { ...map, mappings: [[[0, 0, 0, 0]]] }, /mappings are not a text/],
    ["has no sources", { ...map, sources: null }, /sources are not a list/],
    ["is nested without end", `{"version":3,"x":${"[".repeat(100_000)}`, /not JSON/],
  ];
  it.each(maps)("since it %s, is left alone with the reason", async (_, broken, why) => {
    const trace = await fall(mapped("broken", broken));
    expect(trace.note).toMatch(why);
    expect(trace.errors).toMatchObject([{ message: "fell", frames: [{ file: "backend.js" }] }]);
    expect(codeOf(trace.errors[0])).toMatch(/^> *\d+ \| throw new Error\("fell"\);$/m);
  });

  /** Mappings in which every line of the bundle begins with the segment. */
  const everywhere = (segment: string) => `${segment};`.repeat(20);
  // prettier-ignore
  const liars: readonly (readonly [string, object])[] = [
    ["of a source that is not listed", { mappings: everywhere("AEAA") }],
    ["of a source before the first", { mappings: everywhere("ADAA") }],
    ["of a line before the first", { mappings: everywhere("AADA") }],
    ["of a column before the first", { mappings: everywhere("AAAD") }],
    ["of numbers without end", { mappings: everywhere(`AA${"g".repeat(40)}BA`) }],
    ["of sources that are no texts", { sources: [{ toString: 1 }], mappings: everywhere("AAAA") }],
    ["of sources that are null", { sources: [null], mappings: everywhere("AAAA") }],
    ["of nothing", { mappings: everywhere("A") }],
    ["of signs that are no numbers", { mappings: everywhere("!\u{1F600}") }],
    ["of a code that is not there", { sourcesContent: null, mappings: everywhere("AAAA") }],
    ["of lines beyond the code", { mappings: everywhere("AAogggB") }],
    ["of names that are none", { names: { 0: 1 }, mappings: everywhere("AAAAA") }],
  ];
  it.each(liars)("full of places %s breaks nothing", async (_, wrong) => {
    const trace = await fall(mapped("liar", { ...map, ...wrong }));
    expect(trace.errors).toMatchObject([{ message: "fell", frames: [{ line: expect.any(Number) }] }]);
    expect(trace.place).toMatch(/^(backend\.js|src\/a\.ts):\d+:\d+$/);
    expect((await callRoute("liar", "fall")).status).toBe(422);
    await traces("liar", 2);
  });
});

describe("at each cap and one over", () => {
  const base = { version: 3, sources: ["src/a.ts"], sourcesContent: ["x"], names: [] };
  const padded = (size: number) => {
    const text = JSON.stringify({ ...base, mappings: "AAAA;".repeat(20), filler: "" });
    return text.replace('"filler":""', `"filler":"${"x".repeat(size - text.length)}"`);
  };
  // prettier-ignore
  const caps: readonly (readonly [string, (count: number) => unknown, number, RegExp])[] = [
    ["bytes of the map", padded, TRACE_LIMITS.mapBytes, /has 1048577 bytes; at most 1048576/],
    ["segments", (count) => ({ ...base, mappings: `${"AAAA;".repeat(20)}${",".repeat(count - 21)}` }), TRACE_LIMITS.mapSegments, /131073 segments; at most 131072/],
    ["lines", (count) => ({ ...base, mappings: `${"AAAA;".repeat(20)}${";".repeat(count - 21)}` }), TRACE_LIMITS.mapLines, /32769 lines; at most 32768/],
    ["sources", (count) => ({ ...base, mappings: "AAAA;".repeat(20), sources: Array.from({ length: count }, () => "src/a.ts") }), TRACE_LIMITS.mapSources, /4097 sources; at most 4096/],
  ];
  it.each(caps)("%s are read, and beyond it the map is left alone", async (_, make, cap, why) => {
    expect(await fall(mapped("at", make(cap)))).toMatchObject({ note: null, place: "src/a.ts:1:1" });
    const over = await fall(mapped("over", make(cap + 1)));
    expect(over.note).toMatch(why);
    expect(over.place).toMatch(/^backend\.js:/);
  });

  it("a map as large as a bundle may hold is installed and left alone", async () => {
    const trace = await fall(mapped("large", "[".repeat(BUNDLE_LIMITS.sourceMapBytes)));
    expect(trace.note).toMatch(/4194304 bytes/);
  });

  it("frames, and what stands in them, are no more than the limits say", async () => {
    const name = "n".repeat(300);
    const forged = `"    at ${name} (deep@1.0.0:2:1)\\n".repeat(400)`;
    const trace = await fall(
      sketch("deep", {
        routes: { fall: `() => {\nthrow Object.assign(new Error("m".repeat(9_000)), { stack: ${forged} });\n}` },
      }),
    );
    const [error] = trace.errors;
    expect(error!.frames).toHaveLength(TRACE_LIMITS.frames);
    expect(error!.frames[0]!.name).toHaveLength(TRACE_LIMITS.nameChars);
    expect(error!.message).toHaveLength(TRACE_LIMITS.messageChars);
    expect(JSON.stringify(trace).length).toBeLessThan(16_000);
  });

  it("causes are followed as far as the limit, round in circles too", async () => {
    const nest = (depth: number): string =>
      depth === 0 ? `new Error("0")` : `new Error("${depth}", { cause: ${nest(depth - 1)} })`;
    const chain = (depth: number) =>
      fall(sketch(`chain-${depth}`, { routes: { fall: `() => {\nthrow ${nest(depth)};\n}` } }));
    const { errors } = TRACE_LIMITS;
    expect((await chain(errors - 1)).errors.map(({ message }) => message)).toEqual(["3", "2", "1", "0"]);
    expect((await chain(errors)).errors.map(({ message }) => message)).toEqual(["4", "3", "2", "1"]);
    const circle = `() => {\nconst a = new Error("a"), b = new Error("b", { cause: a });\na.cause = b;\nthrow a;\n}`;
    expect((await fall(sketch("circle", { routes: { fall: circle } }))).errors).toHaveLength(errors);
  });

  it("a source's path is cut at its beginning", async () => {
    const path = (length: number) => `${"x".repeat(length - 3)}.ts`;
    const make = (length: number) =>
      mapped(`p${length}`, { ...base, sources: [path(length)], mappings: "AAAA;".repeat(20) });
    const { pathChars } = TRACE_LIMITS;
    expect((await fall(make(pathChars))).place).toBe(`${path(pathChars)}:1:1`);
    expect((await fall(make(pathChars + 1))).place).toBe(`…${path(pathChars - 1)}:1:1`);
  });
});

describe("what a stranger wrote into a trace", () => {
  const evil = `<img src=x onerror=alert(1)>\u001b[31m\u202egnp.exe\u2066\u200b\n[plugin:other] forged\r\u2028`;
  // oxlint-disable-next-line no-control-regex -- these characters are the point
  const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

  it("is inert: in messages, names, sources and code, on the screen and in the answer to a visitor", async () => {
    const source = mapped(
      "evil",
      {
        version: 3,
        sources: [`src/${evil}.ts`],
        sourcesContent: [`${evil}\n${evil}`],
        names: [evil],
        mappings: "AAAAA;".repeat(20),
      },
      `() => {\nthrow Object.assign(new Error(${JSON.stringify(evil)}), { name: ${JSON.stringify(evil)} });\n}`,
    );
    const { manifest } = sketch("evil", { routes: { fall: "" }, open: ["fall"] });
    const trace = await fall({ ...source, manifest });
    const shown = [
      trace.place!,
      ...trace.errors.flatMap(({ name, message, frames }) => [name, message, frames[0]!.file]),
    ];
    for (const text of shown) {
      expect(text).toContain("<img");
      expect(text).not.toMatch(control);
      expect(text).not.toMatch(/[\r\n]/);
    }
    expect(codeOf(trace.errors[0])).not.toMatch(control);
    const visitor = await call("POST", "/api/plugins/evil/fall", { body: {}, as: "visitor" });
    expect(visitor.headers.get("content-type")).toContain("application/json");
    expect(visitor.headers.get("x-content-type-options")).toBe("nosniff");
    expect(String(visitor.body["error"]!["message"])).not.toMatch(control);
    const [row] = await invocations("evil", 2);
    expect(String(row!["error"])).not.toMatch(control);
  });

  it.each([
    ["../../src/x.ts", "src/x.ts"],
    ["./src/../src/x.ts", "src/x.ts"],
    ["webpack://seo/./src/x.ts?8a1f", "src/x.ts"],
    ["webpack:///src/x.ts", "src/x.ts"],
    ["file:///home/ann/work/seo/src/deep/x.ts", "src/deep/x.ts"],
    ["/Users/ann/seo/x.ts", "x.ts"],
    ["C:\\Users\\ann\\seo\\src\\x.ts", "src/x.ts"],
    ["../../../../home/ann/seo/src/x.ts", "src/x.ts"],
    ["/home/ann/seo/node_modules/dep/lib/x.js", "node_modules/dep/lib/x.js"],
    ["../node_modules/dep/x.js", "node_modules/dep/x.js"],
    ["", "unknown"],
    ["..", "unknown"],
  ])("as the source %j is shown as %s", async (source, shown) => {
    const map = { version: 3, sources: [source], sourcesContent: ["x"], names: [], mappings: "AAAA;".repeat(20) };
    expect((await fall(mapped("path", map))).place).toBe(`${shown}:1:1`);
  });

  it("as a stack counts only where it names places of its own bundle", async () => {
    const stack = lines(
      "Error: fell",
      "    at read (/srv/host/secret.ts:1:2)",
      "    at other (neighbour@1.0.0:1:2)",
      "    at forged (forger@1.0.0:1:2) (native)",
      "    at loud (forger@1.0.0:999999:1)",
      "    at far (forger@1.0.0:99999999999999999999:1)",
      "    at none (forger@1.0.0:0:0)",
      "    at mine (forger@1.0.0:3:1)",
      "    at bulkhead (bulkhead:prelude:1:1)",
    );
    const trace = await fall(
      sketch("forger", {
        routes: { fall: `() => { throw Object.assign(new Error("fell"), { stack: ${JSON.stringify(stack)} }); }` },
      }),
    );
    expect(placesOf(trace.errors[0])).toEqual(["loud backend.js:999999", "none backend.js:0", "mine backend.js:3"]);
  });

  it("without a place or a cause is no trace at all", async () => {
    const routes = {
      text: `() => { throw "a text"; }`,
      bare: `() => { throw { message: "no stack" }; }`,
      fine: `() => 1`,
      loop: `() => { for (;;); }`,
    };
    await install(sketch("thin", { routes, manifest: { bulkhead: { budgets: { route: { fuel: 5_000_000 } } } } }));
    for (const name of Object.keys(routes)) await callRoute("thin", name);
    expect(await traces("thin", 4)).toEqual([null, null, null, null]);
  });
});

describe("a visitor", () => {
  const secret = /slug\.ts|index\.ts|backend\.js|splitWords|@1\.0\.0|bulkhead:(prelude|runtime)|\bat \w+ \(/;

  it("gets the message of what failed and no place of it, at a route, a save and a page", async () => {
    const { manifest } = sketch("open", {
      capabilities: ["content:write"],
      hooks: { "content:beforeSave": "", "page:metadata": "" },
      routes: { fall: "" },
      open: ["fall"],
    });
    const top = `function splitWords(t) {\n  return t.words;\n}\n`;
    const backend = `${top}export default { hooks: { "content:beforeSave": ({ content }) => content.title === "bad" ? splitWords(null) : content, "page:metadata": () => splitWords(null) }, routes: { fall: () => splitWords(null) } };`;
    await install({ manifest, backend });
    const route = await call("POST", "/api/plugins/open/fall", { body: {}, as: "visitor" });
    expect(route.body).toEqual({
      success: false,
      error: { code: "ROUTE_ERROR", message: "TypeError: cannot read property 'words' of null" },
    });
    const save = await createPost("bad");
    expect(save).toMatchObject({ status: 422, body: { code: "REFUSED_BY_PLUGIN" } });
    expect((await createPost("good", { publish: true })).status).toBe(201);
    const page = await call<string>("GET", "/posts/good", { as: "visitor" });
    expect(page.status).toBe(200);
    for (const body of [route.body, save.body, page.body]) expect(JSON.stringify(body)).not.toMatch(secret);
    for (const trace of (await traces("open", 4)).filter((each) => each !== null))
      expect(trace.place).toBe("backend.js:2:12");
    const [item] = await invocations("open", 4);
    const path = `/api/admin/plugins/open/invocations/${String(item!["id"])}`;
    expect((await call("GET", path, { as: "visitor" })).status).toBe(401);
    expect((await call("GET", path.replace("plugins/open", "plugins/other"))).status).toBe(404);
    expect((await call("GET", `${path}x`)).status).toBe(404);
  });
});

describe("the host", () => {
  it("shows a guest nothing of itself in the error of a call, its stack included", async () => {
    target.internet(() => {
      throw new Error("connect /srv/host/secret.ts token=hunter2 SQLITE_ERROR wasm://wasm/1");
    });
    const tell = `async (_, ctx) => {
      const told = [];
      for (const run of [() => ctx.http.fetch("https://api.example.com/"), () => ctx.kv.get({}), () => ctx.content.list("posts"), () => ctx.storage.none.get("a"), () => crypto.subtle.digest("none", new Uint8Array(1)), () => new URL("no")]) {
        try { await run(); told.push("fine"); } catch (error) { told.push({ text: String(error), stack: error.stack, own: Object.getOwnPropertyNames(error) }); }
      }
      return told;
    }`;
    await install(probe("spy", { capabilities: ["network:request"], hosts: ["api.example.com"], routes: { tell } }));
    const { body } = await callRoute("spy", "tell");
    const told = JSON.stringify(body);
    // In front of the built Worker a network that throws is an answer; the rest fail everywhere.
    expect((body["data"] as unknown as readonly unknown[]).slice(1)).not.toContain("fine");
    expect(told).not.toMatch(/hunter2|secret\.ts|SQLITE|wasm:|node_modules|file:|\.ts\b|\/srv|\/tmp|workerd/);
    const places = [...told.matchAll(/\(([^()]*):\d+:\d+\)/g)].map(([, place]) => place);
    for (const place of places) expect(["spy@1.0.0", "bulkhead:prelude", "bulkhead:runtime"]).toContain(place);
  });

  it("with many plugins that fail at once looks up no more bundles than its limit, and records every failure", async () => {
    const ids = Array.from({ length: TRACE_LIMITS.bundlesPerRequest + 2 }, (_, i) => `many-${i}`);
    for (const id of ids) {
      const plugin: PluginSketch = { hooks: { "page:metadata": `() => {\n  throw new Error("${id}");\n}` } };
      await install(sketch(id, plugin));
    }
    await createPost("Seen", { publish: true });
    expect((await call("GET", "/posts/seen", { as: "visitor" })).status).toBe(200);
    const all = await Promise.all(ids.map(async (id) => (await traces(id, 1))[0]!));
    expect(all.map(({ errors }) => errors[0]!.message).toSorted()).toEqual(ids);
    const looked = all.filter(({ errors }) => errors[0]!.frames[0]!.code !== null);
    expect(looked).toHaveLength(TRACE_LIMITS.bundlesPerRequest);
    for (const trace of all.filter((each) => !looked.includes(each))) {
      expect(trace).toMatchObject({
        place: expect.stringMatching(/^backend\.js:\d/),
        note: expect.stringMatching(/Too many/),
      });
    }
  });
});

describe("an upload whose code cannot be evaluated", () => {
  const refused = async (source: PluginSource) => {
    const { status, body } = await uploadBytes(await packPlugin(source));
    expect({ status, code: body["code"] }).toEqual({ status: 422, code: "BUNDLE_INVALID" });
    return {
      detail: String(body["detail"]),
      issue: (body["issues"] as unknown as readonly Record<string, string>[])[0]!,
    };
  };

  it("names the author's file, line and column, and shows the code", async () => {
    const { backend, map } = early.minified;
    const { manifest } = sketch("early");
    const { detail, issue } = await refused({ manifest, backend, files: { "backend.js.map": map } });
    expect(detail).toMatch(
      /could not be evaluated: TypeError: cannot read property 'length' of undefined \(at src\/top\.ts:4:61\)$/,
    );
    expect(issue["frame"]).toContain(
      lines(`> 4 | export default { hooks: {}, routes: {}, words: table["de"]!.length };`, `    |${" ".repeat(61)}^`),
    );
  });

  it("names the line of a mistake in the syntax", async () => {
    const backend = `const a = 1;\n\nexport default {\n  hooks: { ]\n};\n`;
    const { detail, issue } = await refused({ manifest: sketch("typo").manifest, backend });
    expect(detail).toMatch(/SyntaxError: .* \(at backend\.js:4:12\)$/);
    expect(issue["frame"]).toBe(
      lines("  2 |", "  3 | export default {", "> 4 |   hooks: { ]", `    | ${" ".repeat(11)}^`, "  5 | };"),
    );
  });
});
