/** What is around every public page: document, header and footer. */
import { html } from "hono/html";
import { STYLE_PATH } from "./style.ts";
import type { Head } from "./head.ts";

/** A page between the header and the footer. */
export interface PageContent {
  readonly siteName: string;
  readonly locale: string;
  readonly head: Head;
  readonly body: Head;
  /** What stands above the foot of the page. */
  readonly footer?: Head | undefined;
}

/** The document. */
export function drawPage(page: PageContent): Head {
  return html`<!doctype html>
    <html lang="${page.locale}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="stylesheet" href="${STYLE_PATH}" />
        <link rel="alternate" type="application/atom+xml" title="${page.siteName}" href="/feed.xml" />
        ${page.head}
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header class="site">
          <a class="name" href="/">${page.siteName}</a>
          <nav aria-label="Site"><a href="/feed.xml">Feed</a></nav>
        </header>
        <main id="main">${page.body}</main>
        ${page.footer ?? ""}
        <footer class="site">
          <a href="/">${page.siteName}</a>
          <nav aria-label="Footer"><a href="/feed.xml">Feed</a> <a href="/sitemap.xml">Sitemap</a></nav>
        </footer>
      </body>
    </html>`;
}
