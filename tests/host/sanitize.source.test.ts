/** Is what the sanitiser lets through harmless, whatever it is given? Read again by the platform's own HTML parser. */
import { describe, expect, it } from "vitest";
import * as fc from "fast-check";
import { markdownToHtml } from "../../host/text/markdown-html.ts";
import { TEXT_LIMITS } from "../../host/text/limits.ts";
import { sanitizeHtml } from "../../host/text/sanitize-html.ts";
import { ALL_HTML_ATTACKS, HTML_ATTACKS, MARKDOWN_ATTACKS } from "../corpora/html-attacks.ts";

/** Element to attributes, written down apart from the host's own table. */
const GLOBAL = ["lang", "dir"];
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    "p div h1 h2 h3 h4 h5 h6 blockquote pre hr br figure figcaption ul li dl dt dd table caption thead tbody tfoot tr b strong i em u s del ins sub sup small mark kbd samp q cite"
      .split(" ")
      .map((name) => [name, []]),
  ),
  a: ["href", "title", "rel"],
  abbr: ["title"],
  code: ["class"],
  img: ["src", "alt", "title", "width", "height"],
  ol: ["start"],
  td: ["colspan", "rowspan"],
  th: ["colspan", "rowspan", "scope"],
};

/** What is wrong with the HTML: elements, attributes, addresses, comments. */
async function faultsOf(html: string): Promise<readonly string[]> {
  const faults: string[] = [];
  const rewriter = new HTMLRewriter()
    .on("*", {
      element(element) {
        const known = ALLOWED[element.tagName];
        if (!known) faults.push(`<${element.tagName}>`);
        for (const [name, value] of element.attributes as Iterable<[string, string]>) {
          if (!known?.includes(name) && !GLOBAL.includes(name)) faults.push(`${element.tagName}.${name}`);
          if (name === "href" && !/^(https?:|mailto:|[^:]*([/?#]|$))/i.test(value.trim())) faults.push(`href=${value}`);
          if (name === "src" && !/^(https:|[^:]*([/?#]|$))/i.test(value.trim())) faults.push(`src=${value}`);
        }
      },
      comments: (comment) => void faults.push(`comment ${comment.text}`),
    })
    .onDocument({
      comments: (comment) => void faults.push(`comment ${comment.text}`),
      doctype: () => void faults.push("doctype"),
    });
  await rewriter.transform(new Response(html, { headers: { "content-type": "text/html;charset=utf-8" } })).text();
  return faults;
}

describe("hostile HTML", () => {
  it("is what the check would find", async () => {
    for (const vector of [
      "<p onclick=a>",
      "<a href=javascript:a>",
      "<img src=data:a>",
      "<script></script>",
      "<!--a-->",
    ])
      expect({ vector, faults: await faultsOf(vector) }).toMatchObject({ faults: [expect.any(String)] });
    expect(ALL_HTML_ATTACKS.length).toBeGreaterThanOrEqual(120);
  });

  it.each(Object.keys(HTML_ATTACKS))("of kind %s leaves nothing of it, sanitised or as Markdown", async (kind) => {
    for (const vector of HTML_ATTACKS[kind]!) {
      for (const clean of [sanitizeHtml(vector), markdownToHtml(vector), sanitizeHtml(`<p>${vector}</p><b>after</b>`)])
        expect({ vector, clean, faults: await faultsOf(clean) }).toEqual({ vector, clean, faults: [] });
    }
  });

  it("in Markdown leaves nothing of it", async () => {
    for (const vector of MARKDOWN_ATTACKS) {
      const clean = markdownToHtml(vector);
      expect({ vector, clean, faults: await faultsOf(clean) }).toEqual({ vector, clean, faults: [] });
    }
  });
});

/** Pieces of which HTML is made, whole and broken. */
const NAMES =
  "a p b i ul ol li dl dt dd table caption thead tbody tr td th div h1 h2 pre code blockquote form section svg math style script template noscript select";
// prettier-ignore
const BITS = [
  "<a href=/x>", "<a href='https://ü.dev/ä b'>", "<a href=mailto:a@b.dev?x= >", "<img src=https://a.dev/b.png alt='<b>'>",
  "x", " ", "\n", "\r", "&", "&amp;", "&#13;", "&#0;", "&#xD800;", "&#x81;", "&notit;", "\u0000", "\uffff", "\ud800", "<", ">", '"', "'", "=",
];
const piece = fc.constantFrom(
  ...ALL_HTML_ATTACKS.map(([, vector]) => vector),
  ...NAMES.split(" ").flatMap((name) => [`<${name}>`, `</${name}>`, `<${name}/>`]),
  ...BITS,
);
const html = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 60 }),
);

describe("sanitising", () => {
  it("a second time changes nothing, and both times leave nothing hostile", async () => {
    await fc.assert(
      fc.asyncProperty(html, async (text) => {
        const once = sanitizeHtml(text);
        expect(await faultsOf(once)).toEqual([]);
        expect(sanitizeHtml(once)).toBe(once);
      }),
      { numRuns: 1_500 },
    );
  });

  it("an address in any spelling gives one that stays what it is", () => {
    const part = fc.constantFrom(
      "http",
      "https",
      "mailto",
      "javascript",
      ":",
      "/",
      "//",
      "\\",
      " ",
      "\t",
      "@",
      "?",
      "#",
      "%",
      ".",
      "a",
      "ü",
      "\u3000",
      "\ufffe",
      "&#9;",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 10 }), (parts) => {
        const once = sanitizeHtml(`<a href="${parts.join("")}">x</a>`);
        expect(sanitizeHtml(once)).toBe(once);
        expect(once).not.toMatch(/href="\s*javascript:/i);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["what is allowed", `<h2>T</h2><p>a <b>b</b> <a href="/x" title="t">c</a></p><ol start="3"><li>d</li></ol>`],
    [
      "a table",
      `<table><thead><tr><th scope="col">a</th></tr></thead><tbody><tr><td colspan="2">b</td></tr></tbody></table>`,
    ],
    [
      "an image",
      `<figure><img src="https://a.dev/b.png" alt="A &amp; B" width="10"><figcaption>c</figcaption></figure>`,
    ],
    ["code", `<pre><code class="language-ts">a &lt; b</code></pre>`],
    ["a list within a list", `<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>`],
    ["a list within a cell", `<ul><li><table><tbody><tr><td><ul><li>x</li></ul></td></tr></tbody></table></li></ul>`],
  ])("lets %s through as it is", (_, text) => {
    expect(sanitizeHtml(text)).toBe(text);
  });

  it.each([
    ["what is around content that stays", `<section><font>a</font></section><span>b</span>`, `<div>a</div>b`],
    ["elements that are left open", `<p>a<p>b<ul><li>c<li>d`, `<p>a</p><p>b</p><ul><li>c</li><li>d</li></ul>`],
    ["elements that end crosswise", `<b>a<i>b</b>c</i>`, `<b>a<i>b</i></b>c`],
    ["a link within a link", `<a href="/a">a<a href="/b">b</a></a>`, `<a href="/a">a</a><a href="/b">b</a>`],
    ["parts of no table", `<td>a</td><tr>b</tr><li>c</li>`, `abc`],
    ["cells without a row", `<table><td>a</table>`, `<table>a</table>`],
    [
      "a link that leads away",
      `<a href=https://a.dev>x</a>`,
      `<a href="https://a.dev/" rel="nofollow ugc noopener">x</a>`,
    ],
    ["an image that may not be loaded", `<img src="http://a.dev/b.png" alt="A &lt;b&gt;">`, `A &lt;b&gt;`],
    ["what comes after foreign markup", `<svg><style></svg>a<math/>b<svg/>c`, `abc`],
    ["names in capitals", `<P><B>x</B></P>`, `<p><b>x</b></p>`],
  ])("puts %s right", (_, text, right) => {
    expect(sanitizeHtml(text)).toBe(right);
  });

  it("keeps elements up to a depth, and the text of deeper ones", () => {
    const { depth } = TEXT_LIMITS;
    const nested = (count: number): string => "<div>".repeat(count) + "x" + "</div>".repeat(count);
    expect(sanitizeHtml(nested(depth))).toBe(nested(depth));
    expect(sanitizeHtml(nested(depth + 1))).toBe(nested(depth));
    expect(sanitizeHtml(nested(20_000))).toBe(nested(depth));
  });

  it("takes time linear in its input: no shape of it blows up", () => {
    const shapes = [
      "<",
      ">",
      "&",
      "<b>",
      "</b>",
      "<a href=a>",
      "<li>",
      "<table>",
      "<!--",
      "<svg>",
      "<p>",
      "<td>",
      '"',
      "<b a=",
      "<![CDATA[",
    ];
    for (const shape of shapes) {
      const text = `<ul>${shape.repeat(TEXT_LIMITS.htmlChars / shape.length)}`;
      // A tree of formatting elements, such as HTML's parser would build, would be many times this.
      expect({ shape, isBounded: sanitizeHtml(text).length <= text.length * 6 + 1_000 }).toEqual({
        shape,
        isBounded: true,
      });
    }
  });
});
