/** Do the text functions that bridges offer hold: slugs and Markdown? */
import { describe, expect, it } from "vitest";
import { toSafeHref, toSafeSource } from "../../host/content/address.ts";
import { CONTENT_LIMITS } from "../../host/content/limits.ts";
import { markdownToPortableText } from "../../host/content/markdown.ts";
import { slugify, toFreeSlug } from "../../host/content/slug.ts";
import { drawBlocks } from "../../host/site/portable-text.ts";
import { toSafeBlocks } from "../../host/site/safe-blocks.ts";
import { findActive } from "./inspect.ts";

describe("slugify", () => {
  it.each([
    ["Hello, World!", "hello-world"],
    ["  -- Trim -- me --  ", "trim-me"],
    ["Crème brûlée & Æther", "creme-brulee-aether"],
    ["Straße nach Łódź", "strasse-nach-lodz"],
    ["It's 2026: O’Reilly", "its-2026-oreilly"],
    ["Привет, мир", "привет-мир"],
    ["й ё", "й-ё"],
    ["日本の庭", "日本の庭"],
    ["हिन्दी में", "हिन्दी-में"],
    ["ＦＵＬＬ　width", "full-width"],
    ["İstanbul", "istanbul"],
    ["a_b.c/d\\e?f#g", "a-b-c-d-e-f-g"],
    ["<script>alert(1)</script>", "script-alert-1-script"],
    ["../../etc/passwd", "etc-passwd"],
    ["\u202eevil\u0000", "evil"],
    ["", "untitled"],
    ["🎉🎉", "untitled"],
    ["\ud800", "untitled"],
  ])("%j gives %j", (text, slug) => {
    expect(slugify(text)).toBe(slug);
    expect(slugify(slug)).toBe(slug);
  });

  it("is as long as the limit at most, and cuts between words where it can", () => {
    const max = CONTENT_LIMITS.madeSlugChars;
    expect(slugify("x".repeat(max + 1))).toBe("x".repeat(max));
    expect(slugify(`${"word ".repeat(max)}`)).toBe(Array.from({ length: max / 5 }, () => "word").join("-"));
    expect(slugify("𝒳".repeat(max)).length).toBeLessThanOrEqual(max);
    expect(slugify("𠀀".repeat(max)).isWellFormed()).toBe(true);
    expect(slugify("a".repeat(1_000_000))).toHaveLength(max);
  });

  it("numbers what is taken within the length of a slug", () => {
    expect(toFreeSlug("a", new Set())).toBe("a");
    expect(toFreeSlug("a", new Set(["a", "a-2", "a-4"]))).toBe("a-3");
    const longest = "x".repeat(CONTENT_LIMITS.slugChars);
    expect(toFreeSlug(longest, new Set([longest]))).toBe(`${longest.slice(2)}-2`);
  });
});

describe("addresses", () => {
  it.each([
    ["https://a.test", "https://a.test/"],
    ["HTTP://A.test/x?y=1#z", "http://a.test/x?y=1#z"],
    ["mailto:a@b.test", "mailto:a@b.test"],
    ["/about", "/about"],
    ["about/us", "about/us"],
    ["?page=2", "?page=2"],
    ["#top", "#top"],
    ["//other.test/x", "https://other.test/x"],
    [" https://a.test/ ", "https://a.test/"],
  ])("%j is safe", (text, href) => {
    expect(toSafeHref(text)).toBe(href);
  });

  it.each([
    "javascript:alert(1)",
    " javascript:alert(1)",
    "JAVASCRIPT:alert(1)",
    "java\nscript:alert(1)",
    "java\tscript:alert(1)",
    "\u0001javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://a.test/x",
    "tel:1",
    "ftp://a.test/",
    "about:blank",
    "intent:x",
    "\\\\evil.test",
    "/\\evil.test",
    "",
    "   ",
    "https://",
    "x".repeat(2_049),
    7,
    null,
    undefined,
    {},
  ])("%j is not", (text) => {
    expect(toSafeHref(text)).toBeUndefined();
  });

  it("of images and canonical links are neither mail nor fragments", () => {
    expect(["mailto:a@b.test", "#top", "/x.png"].map(toSafeSource)).toEqual([undefined, undefined, "/x.png"]);
  });
});

describe("markdownToPortableText", () => {
  /** The blocks without keys, for reading. */
  const convert = (markdown: string): unknown =>
    JSON.parse(
      JSON.stringify(markdownToPortableText(markdown), (key, value: unknown) => (key === "_key" ? undefined : value)),
    );
  const span = (text: string, ...marks: string[]) => ({ _type: "span", text, marks });
  const block = (style: string, ...children: unknown[]) => ({ _type: "block", style, markDefs: [], children });
  const item = (listItem: string, level: number, ...children: unknown[]) => ({
    ...block("normal", ...children),
    listItem,
    level,
  });

  it.each<readonly [string, string, readonly unknown[]]>([
    ["headings", "# One\n\n###### Six", [block("h1", span("One")), block("h6", span("Six"))]],
    [
      "decorators",
      "**b** *i* `c` ~~s~~",
      [
        block(
          "normal",
          span("b", "strong"),
          span(" "),
          span("i", "em"),
          span(" "),
          span("c", "code"),
          span(" "),
          span("s", "strike-through"),
        ),
      ],
    ],
    ["quotes", "> a\n>\n> b", [block("blockquote", span("a")), block("blockquote", span("b"))]],
    [
      "lists",
      "- a\n  1. b\n- c",
      [item("bullet", 1, span("a")), item("number", 2, span("b")), item("bullet", 1, span("c"))],
    ],
    ["paragraphs of an item", "- a\n\n  b\n", [item("bullet", 1, span("a"), span("\n"), span("b"))]],
    ["tasks", "- [x] a\n- [ ] b", [item("bullet", 1, span("☑ "), span("a")), item("bullet", 1, span("☐ "), span("b"))]],
    ["code", "```ts\n<b>\n```", [{ _type: "code", code: "<b>", language: "ts" }]],
    ["rules", "---", [{ _type: "break", style: "lineBreak" }]],
    ["line breaks", "a  \nb<br>c", [block("normal", span("a\nb\nc"))]],
    [
      "images",
      '![A](https://a.test/x.png "C")',
      [
        {
          _type: "image",
          asset: { _ref: "https://a.test/x.png", url: "https://a.test/x.png" },
          alt: "A",
          caption: "C",
        },
      ],
    ],
    ["images within text", "a ![B](https://a.test/x.png)", [block("normal", span("a "), span("B"))]],
    ["unsafe images", "![A](blob:x)", [block("normal", span("A"))]],
    ["callouts", "> [!NOTE]\n> a", [block("blockquote", span("a"))]],
    ["comments", "<!-- more -->\n\na", [block("normal", span("a"))]],
    ["nothing", " \n\n", []],
  ])("%s", (_name, markdown, blocks) => {
    expect(convert(markdown)).toEqual(blocks);
  });

  it("keeps links of safe schemes and the text of the others", () => {
    const [kept, ...rest] = markdownToPortableText(
      "[a](https://a.test) [b](tel:1) [c](javascript:x)\n\n[d](/x) [e](mailto:e@x.test)",
    );
    expect(kept?.["markDefs"]).toEqual([{ _type: "link", _key: expect.any(String), href: "https://a.test/" }]);
    expect(rest[0]?.["markDefs"]).toHaveLength(2);
    expect(JSON.stringify(kept)).toContain('"b"');
  });

  it("makes tables in EmDash's shape", () => {
    const [table] = markdownToPortableText("| a | b |\n|---|---|\n| 1 | **2** |");
    expect(table).toMatchObject({
      _type: "table",
      hasHeaderRow: true,
      rows: [
        {
          _type: "tableRow",
          cells: [{ _type: "tableCell", isHeader: true, content: [{ text: "a" }] }, { content: [{ text: "b" }] }],
        },
        { cells: [{ isHeader: false, content: [{ text: "1" }] }, { content: [{ text: "2", marks: ["strong"] }] }] },
      ],
    });
  });

  const hostile = [
    "<script>alert(1)</script>",
    "text <img src=x onerror=alert(1)> text",
    "<div onclick=alert(1)>\n\n**x**\n\n</div>",
    "<svg/onload=alert(1)>",
    "<!-- --><script>alert(1)</script> -->",
    "[x](javascript:alert(1))",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    '[x](https://a.test "\\" onclick=alert(1) \\"")',
    '[x](https://a.test/"onclick="alert(1))',
    '```"><script>alert(1)</script>\nx\n```',
    "[x]: javascript:alert(1)\n\n[x]",
    "| <script> |\n|---|\n| <svg onload=alert(1)> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
  ];
  it.each(hostile)("raw HTML never becomes markup: %j", async (markdown) => {
    const blocks = markdownToPortableText(markdown);
    expect(JSON.stringify(blocks.map((block) => block._type))).not.toMatch(/html/i);
    expect(await findActive(drawBlocks(toSafeBlocks(blocks)))).toEqual([]);
    expect(JSON.stringify(blocks)).not.toMatch(/"(href|url|_ref)":"(?!https:\/\/a\.test)/);
  });

  it("is the same each time, with keys that are unique", () => {
    const markdown = "# A\n\n[b](https://b.test) **c**\n\n- d\n  - e\n\n| f |\n|---|\n| g |\n\n> h";
    const blocks = markdownToPortableText(markdown);
    expect(markdownToPortableText(markdown)).toEqual(blocks);
    const keys = [...JSON.stringify(blocks).matchAll(/"_key":"([^"]*)"/g)].map(([, key]) => key);
    expect(keys.length).toBeGreaterThan(15);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("takes as many bytes as the limit and no more, counted as UTF-8", () => {
    const most = CONTENT_LIMITS.markdownBytes;
    expect(markdownToPortableText("é".repeat(most / 2))).toHaveLength(1);
    expect(() => markdownToPortableText(`${"é".repeat(most / 2)}x`)).toThrow(
      expect.objectContaining({ code: "PAYLOAD_TOO_LARGE" }),
    );
  });

  it("survives what was made to exhaust parsers", () => {
    const most = CONTENT_LIMITS.markdownBytes;
    for (const part of ["> ", "*", "[", "_a ", "[a](", "`", "- ", "|a", "<!--", "<a ", "&", "![", "#", "\\"]) {
      const markdown = part.repeat(Math.floor(most / part.length));
      expect(markdownToPortableText(markdown).length, part).toBeLessThan(most);
    }
  });
});
