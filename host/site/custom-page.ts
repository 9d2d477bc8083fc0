/** How does a page look with which a plugin answers an address? Like a post without a date. */
import { html, raw } from "hono/html";
import type { Head } from "./head.ts";
import type { CheckedAnswer } from "./path-answer.ts";
import { drawBlocks } from "./portable-text.ts";

/** The page between header and footer. */
export function drawCustom({ title, description, blocks }: Extract<CheckedAnswer, { readonly kind: "page" }>): Head {
  return html`<article class="post" dir="auto">
    <header>
      <h1>${title}</h1>
      ${description === null ? "" : html`<p class="lede">${description}</p>`}
    </header>
    <div class="prose">${raw(drawBlocks(blocks))}</div>
  </article>`;
}
