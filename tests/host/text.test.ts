/** What does `ctx.text` make of a text, and where does it end? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { CONTENT_LIMITS } from "../../host/content/limits.ts";
import { CHAR_FUEL } from "../../host/invoke/call-fuel.ts";
import { TEXT_LIMITS } from "../../host/text/limits.ts";
import { callRoute, eventually, install, rows } from "./client.ts";
import { bridge, probe } from "./plugins.ts";

beforeEach(() => target.reset());

/** Schedules and the like may have more worked on; a route fits the largest text once. */
const asking = (id: string) => probe(id, { manifest: { bulkhead: { budgets: { route: { fuel: 1_000_000_000 } } } } });

describe("ctx.text", () => {
  it("makes HTML of Markdown: structure, links and images; raw HTML stays text", async () => {
    await install(asking("writer"));
    const markdown = [
      "# Title",
      'A **bold** [link](https://a.dev "t"), [mail](mailto:a@b.dev) and <b onclick=x>raw</b>.',
      "- one\n  1. two",
      "| a | b |\n|---|---|\n| ~~c~~ | `<d>` |",
      "```js\nif (a < b) {}\n```",
      "![alt](https://a.dev/i.png) ![plain](http://a.dev/i.png) [bad](javascript:alert(1))",
    ].join("\n\n");
    expect((await bridge("writer", "text.markdownToHtml", markdown)).value).toBe(
      [
        "<h1>Title</h1>",
        '<p>A <strong>bold</strong> <a href="https://a.dev/" title="t" rel="nofollow ugc noopener">link</a>, <a href="mailto:a@b.dev">mail</a> and &lt;b onclick=x&gt;raw&lt;/b&gt;.</p>',
        "<ul>\n<li>one\n<ol>\n<li>two</li>\n</ol>\n</li>\n</ul>",
        "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td><s>c</s></td>\n<td><code>&lt;d&gt;</code></td>\n</tr>\n</tbody>\n</table>",
        '<pre><code class="language-js">if (a &lt; b) {}\n</code></pre>',
        '<p><img src="https://a.dev/i.png" alt="alt"> plain [bad](javascript:alert(1))</p>\n',
      ].join("\n"),
    );
  });

  it("sanitises HTML", async () => {
    await install(asking("writer"));
    const html = `<p style="x" onclick=a>Hi <a href="javascript:a">b</a><script>c</script></p><iframe src=d></iframe>`;
    expect(await bridge("writer", "text.sanitizeHtml", html)).toEqual({ value: "<p>Hi <a>b</a></p>" });
  });

  it("draws Portable Text, and of hostile blocks what is safe of them", async () => {
    await install(asking("writer"));
    const blocks = [
      {
        _type: "block",
        style: "h2",
        markDefs: [{ _type: "link", _key: "l", href: "javascript:alert(1)" }],
        children: [{ _type: "span", text: "<b>Hi</b>", marks: ["strong", "l"] }],
      },
      { _type: "htmlBlock", html: "<script>alert(1)</script>" },
      { _type: "image", asset: { url: "data:image/svg+xml,x" } },
      null,
      "text",
    ];
    expect(await bridge("writer", "text.portableTextToHtml", blocks)).toEqual({
      value: "<h2><strong>&lt;b&gt;Hi&lt;/b&gt;</strong></h2>",
    });
  });

  it.each([
    ["text.markdownToHtml", "a", CONTENT_LIMITS.markdownBytes / 2, /this invocation may have/],
    ["text.sanitizeHtml", "a", TEXT_LIMITS.htmlChars, /argument 0/],
  ])("%s takes as much as a route may have worked on, and not one more", async (op, unit, most, words) => {
    await install(asking("writer"));
    expect((await bridge("writer", op, unit.repeat(most))).error).toBeUndefined();
    expect((await bridge("writer", op, unit.repeat(most + 1))).error?.message).toMatch(words);
  });

  it("takes Portable Text up to its limit", async () => {
    await install(asking("writer"));
    const overhead = JSON.stringify([""]).length;
    const most = TEXT_LIMITS.portableTextChars - overhead;
    expect(await bridge("writer", "text.portableTextToHtml", ["x".repeat(most)])).toEqual({ value: "" });
    expect((await bridge("writer", "text.portableTextToHtml", ["x".repeat(most + 1)])).error).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/at most 128000/),
    });
  });

  it("takes as many links as one paragraph may have, in any spelling, and any number in several", async () => {
    await install(asking("writer"));
    const most = CONTENT_LIMITS.blockLinks;
    for (const link of ["a@b.co ", "<http://a> ", "http://a ", "[a](/b) ", "www.a.com ", "//localhost "]) {
      const { value, error } = await bridge("writer", "text.markdownToPortableText", link.repeat(most));
      expect({ link, error, count: Object.keys(value?.[0]?.["markDefs"] ?? {}).length }).toEqual({
        link,
        error: undefined,
        count: most,
      });
      const over = await bridge("writer", "text.markdownToPortableText", link.repeat(most + 1));
      expect({ link, code: over.error?.code }).toEqual({ link, code: "PAYLOAD_TOO_LARGE" });
    }
    const list = "- [a](https://a.dev/b.html)\n".repeat(most + 100);
    expect((await bridge("writer", "text.markdownToPortableText", list)).error).toBeUndefined();
  });

  it("says how alike short texts are, whatever the order of words, case and accents", async () => {
    await install(probe("writer"));
    const alike = async (text: string, ...others: string[]): Promise<unknown> =>
      (await bridge("writer", "text.similarity", text, others)).value;
    expect(
      await alike("How to brew Crème coffee", "coffee: how to brew creme!", "How to brew tea", "Zebra", ""),
      // 6 of the pairs of 15 and 8, and 1 of those of 15 and 4, twice each.
    ).toEqual([1, 0.522, 0.105, 0]);
    expect(await alike("a", "a", "ab", "b")).toEqual([1, 0, 0]);
    expect(await alike("東京の天気", "東京の天気", "大阪の天気")).toEqual([1, 0.5]);
    expect(await alike("...", "...")).toEqual([0]);
    expect(await alike("x")).toEqual([]);
    // Whichever is the shorter.
    expect(await alike("cream", "crème brûlée")).toEqual(await alike("crème brûlée", "cream"));
  });

  it("compares up to a thousand texts of a thousand characters, one more is refused", async () => {
    await install(probe("writer"));
    const ask = async (text: string, others: readonly string[]): Promise<unknown> =>
      (await bridge("writer", "text.similarity", text, others)).error?.code;
    const long = "é".repeat(1_000);
    expect(await ask(long, [long])).toBeUndefined();
    expect(await ask(`${long}x`, [long])).toBe("INVALID_ARGUMENT");
    expect(await ask(long, [`${long}x`])).toBe("INVALID_ARGUMENT");
    expect(
      await ask(
        "x",
        Array.from({ length: 1_000 }, () => "x"),
      ),
    ).toBeUndefined();
    expect(
      await ask(
        "x",
        Array.from({ length: 1_001 }, () => "x"),
      ),
    ).toBe("INVALID_ARGUMENT");
  });

  it("costs fuel by what is worked on; Markdown to HTML costs it twice, being drawn and sanitised", async () => {
    await install(
      probe("writer", {
        routes: {
          work: `async ({ input: { op, chars } }, ctx) => { await ctx.text[op]("a".repeat(chars)); return "done"; }`,
        },
      }),
    );
    const fuelOf = async (op: string, chars: number): Promise<number> => {
      const before = await rows("SELECT id FROM _host_invocations");
      await callRoute("writer", "work", { op, chars });
      return eventually(async () => {
        const all = await rows<{ fuel: number }>("SELECT fuel FROM _host_invocations ORDER BY id");
        expect(all).toHaveLength(before.length + 1);
        return all.at(-1)!.fuel;
      });
    };
    for (const [op, times] of [
      ["sanitizeHtml", 1],
      ["markdownToHtml", 2],
    ] as const) {
      const more = (await fuelOf(op, 21_000)) - (await fuelOf(op, 1_000));
      expect({ op, isPaid: more >= 20_000 * (CHAR_FUEL.compute * times + CHAR_FUEL.argument) }).toEqual({
        op,
        isPaid: true,
      });
      expect(more).toBeLessThan(20_000 * (CHAR_FUEL.compute * times + CHAR_FUEL.argument) * 1.5);
    }
  });
});
