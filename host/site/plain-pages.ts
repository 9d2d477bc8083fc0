/** How do the pages look that show no content: a site without posts, an address without a page, a fault of the host's or a plugin's? */
import { html } from "hono/html";
import type { Head } from "./head.ts";

/** A site that has not published anything yet: what to do first. */
export function drawFirstRun(): Head {
  return html`<article class="plain">
    <p class="eyebrow">It works</p>
    <h1>Nothing is published here yet</h1>
    <p class="lede">Posts appear on this page the moment they are published. No build, no deploy.</p>
    <ol class="steps">
      <li>
        <h2>Open the dashboard</h2>
        <p>
          Sign in at <a href="/admin/">/admin/</a> with the link that <code>npm start</code> printed, or with your
          site's bootstrap token.
        </p>
      </li>
      <li>
        <h2>Install a plugin</h2>
        <p>
          Pick one from the catalogue, read what it asks for, and grant only what you mean to. It runs as soon as you
          consent.
        </p>
      </li>
      <li>
        <h2>Publish a post</h2>
        <p>
          Let a plugin write it, or send it to <code>POST /api/content/posts</code>;
          <a href="/docs">the API's documentation</a> shows how.
        </p>
      </li>
    </ol>
    <p><a class="button" href="/admin/">Open the dashboard</a></p>
  </article>`;
}

/** An address without a page. */
export function drawNotFound(): Head {
  return html`<article class="plain">
    <p class="eyebrow">404</p>
    <h1>There is no page here</h1>
    <p class="lede">It may have been unpublished, or the address has a slip in it.</p>
    <p><a class="button" href="/">See all posts</a></p>
  </article>`;
}

/** An address whose plugin did not answer. Says nothing of the plugin. */
export function drawUnavailable(): Head {
  return html`<article class="plain">
    <p class="eyebrow">503</p>
    <h1>This page is not available right now</h1>
    <p class="lede">What makes it did not answer. Please try again in a moment.</p>
    <p><a class="button" href="/">See all posts</a></p>
  </article>`;
}

/** A fault of the host's. Says nothing of the cause, which is in the log. */
export function drawFault(): Head {
  return html`<article class="plain">
    <p class="eyebrow">500</p>
    <h1>This page cannot be shown right now</h1>
    <p class="lede">The fault is ours and was logged. Please try again in a moment.</p>
    <p><a class="button" href="/">See all posts</a></p>
  </article>`;
}
