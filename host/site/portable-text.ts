/** How is Portable Text drawn as HTML? From safe blocks alone, so the HTML needs no sanitising. Pure. */
import { toHTML, type PortableTextComponents } from "@portabletext/to-html";
import type { SafeBlock, SafeInline } from "./safe-blocks.ts";
import { escapeMarkup } from "./text.ts";

/** Where addresses lead from. */
export interface DrawOptions {
  /** Given: relative addresses become absolute ones, as feeds need them. */
  readonly base?: string;
}

/** The HTML of blocks. A first-level heading becomes a second-level one, for the page's own title is the first. */
export function drawBlocks(blocks: readonly SafeBlock[], options: DrawOptions = {}): string {
  const components = toComponents(options);
  const html = toHTML([...blocks], { components, onMissingComponent: false });
  // Quotes of several paragraphs come as blocks of their own. Text holds no `<`, so only the renderer's tags can match.
  return html.replaceAll("</blockquote><blockquote>", "");
}

function toComponents(options: DrawOptions): Partial<PortableTextComponents> {
  const toAddress = (address: string): string => {
    const absolute = options.base === undefined ? address : (URL.parse(address, options.base)?.href ?? address);
    return escapeMarkup(absolute);
  };
  return {
    block: {
      h1: ({ children }) => `<h2>${children}</h2>`,
      blockquote: ({ children }) => `<blockquote><p>${children}</p></blockquote>`,
    },
    marks: {
      underline: ({ children }) => `<u>${children}</u>`,
      "strike-through": ({ children }) => `<s>${children}</s>`,
      subscript: ({ children }) => `<sub>${children}</sub>`,
      superscript: ({ children }) => `<sup>${children}</sup>`,
      // SECURITY: the address passed toSafeHref. `ugc` and `nofollow`: who wrote the post is not who owns the site.
      link: ({ children, value }) => {
        const href = String((value as { readonly href?: unknown } | undefined)?.href ?? "");
        const rel = /^https?:/.test(href) ? ` rel="nofollow ugc noopener"` : "";
        return `<a href="${toAddress(href)}"${rel}>${children}</a>`;
      },
    },
    hardBreak: () => "<br>",
    unknownMark: ({ children }) => String(children),
    unknownType: () => "",
    types: {
      code: ({ value }) => {
        const { code, language } = value as Extract<SafeBlock, { readonly _type: "code" }>;
        const name = language === undefined ? "" : ` class="language-${escapeMarkup(language)}"`;
        // Focusable, so that those who use the keyboard can scroll it.
        return `<pre tabindex="0"><code${name}>${escapeMarkup(code)}</code></pre>`;
      },
      image: ({ value }) => {
        const { src, alt, caption } = value as Extract<SafeBlock, { readonly _type: "image" }>;
        const line = caption === "" ? "" : `<figcaption>${escapeMarkup(caption)}</figcaption>`;
        const image = `<img src="${toAddress(src)}" alt="${escapeMarkup(alt)}" loading="lazy" decoding="async">`;
        return `<figure>${image}${line}</figure>`;
      },
      break: () => "<hr>",
      table: ({ value }) => {
        const { rows } = value as Extract<SafeBlock, { readonly _type: "table" }>;
        const lines = rows.map((row) => `<tr>${row.map((cell) => drawCell(cell, options)).join("")}</tr>`);
        return `<div class="table" tabindex="0" role="region" aria-label="Table"><table>${lines.join("")}</table></div>`;
      },
    },
  };
}

function drawCell(cell: { readonly content: SafeInline; readonly isHeader: boolean }, options: DrawOptions): string {
  const block: SafeBlock = { _type: "block", style: "normal", ...cell.content };
  const inner = drawBlocks([block], options)
    .replace(/^<p>/, "")
    .replace(/<\/p>$/, "");
  return cell.isHeader ? `<th scope="col">${inner}</th>` : `<td>${inner}</td>`;
}
