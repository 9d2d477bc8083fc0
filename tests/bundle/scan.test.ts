/** Does the scan see what code uses, names and hides, however it is written, and nothing in code that does not? */
import { describe, expect, it } from "vitest";
import { route, scanned, type Asked } from "./scanned.ts";

const codes = (code: string, asked?: Asked) => scanned(code, asked).map((finding) => finding.code);
const words = (code: string, asked?: Asked) =>
  scanned(code, asked)
    .map((finding) => finding.message)
    .join("\n");

describe("a power that is used and not asked for is found", () => {
  // prettier-ignore
  it.each([
    ["called", route(`await ctx.content.create("posts", {});`)],
    ["with optional chaining", route(`await ctx?.content?.create?.("posts", {});`)],
    ["by literal names in brackets", route(`await ctx["content"]['create']("posts", {});`)],
    ["by names put together of literals", route(`await ctx["con" + "tent"][\`cre\${"ate"}\`]("posts"); await ctx["con" + "tent"]["cre" + "ate"]("posts");`)],
    ["through an alias", route(`const a = ctx; let b; b = a.content; await b.create("posts", {});`)],
    ["destructured", route(`const { content } = ctx; await content.create("posts");`)],
    ["destructured deeper, under another name", route(`const { content: { create: make } } = ctx; await make("posts");`)],
    ["destructured in the parameters", `export default { routes: { go: async (event, { content: { create } }) => create("posts") } };`],
    ["out of what is left", route(`const { kv, ...rest } = ctx; await rest.content.create("posts");`)],
    ["handed to a function", route(`await help(1, ctx);`, `function help(n, c) { return c.content.create("posts"); }`)],
    ["handed on twice", route(`await one(ctx);`, `const one = (x) => two({ n: 1 }, x); const two = (_, y) => y.content.create("posts");`)],
    ["in an object", route(`await help({ ctx, n: 1 });`, `const help = ({ ctx: c }) => c.content.create("posts");`)],
    ["in an object's member", route(`const job = { host: ctx }; await help(job);`, `const help = (job) => job.host.content.create("posts");`)],
    ["kept by a class", route(`await new Store(ctx).save();`, `class Store { constructor(c) { this.c = c; } save() { return this.c.content.create("posts"); } }`)],
    ["answered by a function", route(`await get(ctx).create("posts");`, `const get = (c) => c.content;`)],
    ["bound", route(`const make = ctx.content.create.bind(ctx.content); await make("posts");`)],
    ["by call", route(`await help.call(null, ctx);`, `function help(c) { return c.content.create("posts"); }`)],
    ["spread", route(`const own = { ...ctx }; await own.content.create("posts");`)],
    ["by a default", route(`await help(undefined, ctx);`, `function help(a, c, k = c.content) { return k.create("posts"); }`)],
    ["in a chosen one", route(`const c = event ? ctx : null; await (c || ctx).content.create("posts");`)],
    ["in a hook with options", `export default { hooks: { "content:afterSave": { handler: async (e, ctx) => ctx.content.create("posts") } } };`],
    ["in EmDash's older layout", `import { definePlugin } from "emdash"; export default definePlugin({ routes: { go: { handler: async (r, ctx) => ctx.content.create("posts") } } });`],
    ["in a minified bundle", `var a=e=>e.content.create("posts");async function r(t,n){return await a(n)}var o={routes:{go:r}};export{o as default};`],
    ["in a handler that is put in later", `const plugin = { routes: {} }; const go = async (e, ctx) => ctx.content.create("posts"); plugin.routes = { go }; export default plugin;`],
  ])("%s", (_, code) => {
    expect(words(code)).toContain("Its code uses ctx.content.create");
    expect(codes(code)).toContain("power-not-requested");
    // Asked for, it is nothing to speak of.
    expect(codes(code, { capabilities: ["content:write"] })).toEqual([]);
  });

  it.each([
    ["another object", route(`const db = { content: { create() {} } }; db.content.create();`)],
    ["a name of its own", route(`help({});`, `function help(ctx) { ctx.content.create("posts"); }`)],
    ["a method that needs nothing", route(`await ctx.kv.get("x"); ctx.log.info("x"); ctx.url("/");`)],
    ["a comment and a text", route(`/* ctx.content.create() */ const a = "ctx.content.create";`)],
  ])("and not in %s", (_, code) => expect(codes(code)).toEqual([]));

  it("by the family alone where all its methods need the same, also through what the host makes of it", () => {
    expect(words(route(`await ctx.db.prepare("SELECT 1").all();`))).toMatch(/ctx\.db.*needs database:own/);
    expect(words(route(`const { http } = ctx;`))).toMatch(/ctx\.http.*needs network:request/);
    expect(codes(route(`const { content } = ctx;`))).toEqual([]);
  });

  it("once for each power, at its first place", () => {
    const found = scanned(route(`\nawait ctx.users.list();\nawait ctx.users.get("1");`));
    expect(found).toHaveLength(1);
    expect(found[0]!.message).toContain("ctx.users (backend.js:3:11)");
  });
});

describe("a power that is asked for and not used", () => {
  const asked = { capabilities: ["users:read"] };
  it("is found", () => {
    expect(scanned(route(`return 1;`), asked)).toEqual([
      { level: "info", code: "power-not-used", message: "It asks for users:read, and its code shows no use of it." },
    ]);
  });
  it.each([
    ["used", route(`await ctx.users.list();`)],
    ["used where it cannot be followed", route(`const box = []; box.push(ctx); await box[0].users.list();`)],
    ["perhaps used by a computed name", route(`await ctx[event.name].list();`)],
  ])("is not said of one that is %s", (_, code) => expect(codes(code, asked)).not.toContain("power-not-used"));
  it("is not said of one that a hook needs, that comes with another, or that opens no method", () => {
    const hook = `export default { hooks: { "content:beforeSave": (e) => e } };`;
    expect(codes(hook, { capabilities: ["content:write"], hooks: ["content:beforeSave"] })).toEqual([]);
    expect(codes(route(`await ctx.content.create("posts");`), { capabilities: ["content:write"] })).toEqual([]);
    expect(codes(route(`return 1;`), { capabilities: ["hooks.email-events:register"] })).toEqual([]);
  });
  it("cannot be told where members of ctx are computed, which is said", () => {
    expect(codes(route(`await ctx[event.name].list();`))).toEqual(["power-by-computed-name"]);
  });
});

describe("a host that is not asked for is found", () => {
  const asked = { capabilities: ["network:request"], allowedHosts: ["api.shop.dev", "*.cdn.dev"] };
  // prettier-ignore
  it.each([
    ["in a text", `"https://evil.dev/x"`],
    ["in a template", "`https://evil.dev/${event.id}`"],
    ["put together of literals", `"https://" + "evil" + ".dev" + "/x" + event.id`],
    ["in capitals, with user and port", `"HTTPS://u:p@EVIL.dev:8443"`],
    ["in the middle of a text", `"see http://evil.dev for more"`],
    ["as a socket", `"wss://evil.dev"`],
  ])("%s", (_, literal) => {
    const found = scanned(route(`await ctx.http.fetch(${literal});`), asked);
    expect(found).toMatchObject([{ level: "warning", code: "host-not-requested" }]);
    expect(found[0]!.message).toMatch(/names the host evil\.dev \(backend\.js:2:/);
  });
  // prettier-ignore
  it.each([
    ["asked for", `"https://api.shop.dev/x"`],
    ["below one asked for", `"https://a.cdn.dev/x"`],
    ["that goes on in what nobody knows", "`https://api.${event.host}/`"],
    ["of a vocabulary", `"https://schema.org/Article"`],
    ["reserved for examples", `"https://api.example.com"`],
    ["in a comment", `"" /* https://evil.dev */`],
  ])("and not one %s", (_, literal) => expect(codes(route(`await ctx.http.fetch(${literal});`), asked)).toEqual([]));
  it("less loudly where it could not be reached, and not where every host is asked for", () => {
    const code = route(`return "https://evil.dev";`);
    expect(scanned(code)).toMatchObject([{ level: "info", code: "host-not-requested" }]);
    const open = { capabilities: ["network:request:unrestricted"] };
    expect(codes(route(`await ctx.http.fetch("https://evil.dev");`), open)).toEqual([]);
  });
  it("ten by name and the rest by number", () => {
    const list = Array.from({ length: 15 }, (_, i) => `"https://h${i}.dev"`).join(",");
    const found = scanned(route(`return [${list}];`));
    expect(found).toHaveLength(11);
    expect(found.at(-1)!.message).toBe("Its code names 5 more hosts that it does not ask for.");
  });
});

describe("what hides is found", () => {
  const noise = (length: number) =>
    Array.from(
      { length },
      (_, i) =>
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[(i * i * 7 + i * 13 + (i >> 3)) % 64],
    ).join("");
  // prettier-ignore
  it.each([
    ["eval", `eval("1");`, "makes-code"],
    ["eval by another way", `(0, eval)("1");`, "makes-code"],
    ["eval of the global object", `globalThis["ev" + "al"]("1");`, "makes-code"],
    ["eval of it under another name", `const g = globalThis; g.eval("1");`, "makes-code"],
    ["a function of text", `new Function("return 1")();`, "makes-code"],
    ["the constructor of a function", `(() => {}).constructor("return 1")();`, "makes-code"],
    ["the constructor, spelled in pieces", `[]["fill"]["constr" + "uctor"]("return 1")();`, "makes-code"],
    ["a timer of text", `setTimeout("go()", 1);`, "makes-code"],
    ["an import of what nobody knows", `await import(event.name);`, "makes-code"],
    ["long base64", `const a = "${noise(300)}";`, "hidden-text"],
    ["long hexadecimal", `const a = "${"0123456789abcdef3f9c".repeat(20)}";`, "hidden-text"],
    ["base64 in pieces", `const a = "${noise(200)}" + "${noise(150)}";`, "hidden-text"],
    ["texts out of numbers", `String.fromCharCode(${Array.from({ length: 20 }, (_, i) => 97 + i).join(",")});`, "hidden-text"],
    ["texts out of numbers, one by one", `${"String.fromCharCode(104) + ".repeat(20)}"";`, "hidden-text"],
    ["names of an obfuscator", Array.from({ length: 6 }, (_, i) => `let _0x${(4660 + i).toString(16)} = 1; _0x${(4660 + i).toString(16)}++;`).join(""), "hidden-names"],
    ["global objects by computed names", `globalThis[event.name]();`, "hidden-names"],
    ["a turned comment", `/* \u202e } if (isAdmin) { \u2066 */`, "hidden-characters"],
    ["characters that cannot be seen", `/* \u{e0041}\u200b */`, "hidden-characters"],
  ])("%s", (_, body, code) => expect(codes(route(body))).toContain(code));

  // prettier-ignore
  it.each([
    ["words like eval", `const evaluate = (eval_) => eval_; evaluate(1); event.eval;`],
    ["a local name", `const Function = (x) => x; new Function("x");`],
    ["a timer of a function", `setTimeout(() => {}, 1);`],
    ["a long text in words", `const a = "${"the quick brown fox jumps over the lazy dog ".repeat(20)}";`],
    ["a long text in Chinese", `const a = "${Array.from({ length: 400 }, (_, i) => String.fromCodePoint(0x4e00 + i * 7)).join("")}";`],
    ["a picture", `const a = "data:image/png;base64,${noise(600)}";`],
    ["a short digest", `const a = "${"0123456789abcdef".repeat(4)}";`],
    ["characters of a number that is computed", `for (let i = 0; i < 9; i++) String.fromCharCode(i);`],
    ["a member by number", `const list = [1]; list[event.i];`],
    ["an emoji of several", `const a = "👩‍👩‍👧 ❤️";`],
  ])("and not in %s", (_, body) => expect(codes(route(body))).toEqual([]));
});

it("places are those of the author's file where there is a map, beside those of what runs", () => {
  // One segment: line 2, column 0 of backend.js is line 1 of src/a.ts.
  const map = JSON.stringify({ version: 3, sources: ["src/a.ts"], names: [], mappings: ";AAAA" });
  expect(words(route(`await ctx.users.list();`), { map })).toMatch(/\(src\/a\.ts:1:1, backend\.js:2:\d+\)/);
  expect(words(route(`await ctx.users.list();`), { map: "{" })).toMatch(/\(backend\.js:2:\d+\)/);
});
