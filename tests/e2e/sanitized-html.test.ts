/** Does a real browser find anything to run in sanitised HTML? Each hostile vector, parsed as a document and put into a page. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { markdownToHtml } from "../../host/text/markdown-html.ts";
import { sanitizeHtml } from "../../host/text/sanitize-html.ts";
import { ALL_HTML_ATTACKS, MARKDOWN_ATTACKS } from "../corpora/html-attacks.ts";
import { openBrowser, type TestBrowser } from "./browser.ts";

const PAGE = "https://page.dev/";

let browser: TestBrowser;
/** Addresses that the page asked for, answered by nobody. */
const asked: string[] = [];

beforeAll(async () => {
  browser = await openBrowser();
  await browser.page.route("**/*", (route) => {
    const url = route.request().url();
    if (url === PAGE) return route.fulfill({ contentType: "text/html", body: "<!doctype html><body>" });
    asked.push(url);
    return route.abort();
  });
});
afterAll(() => browser?.close());

/** For each text what is in it that must not be, and whether anything ran. Runs in the page. */
async function inspectAll(texts: readonly string[]): Promise<readonly (readonly string[])[]> {
  const HTML = "http://www.w3.org/1999/xhtml";
  const ELEMENT = /^(script|style|iframe|object|embed|form|input|base|meta|link|template|noscript)$/i;
  const ATTRIBUTE = /^on|^(id|name|style|srcset|ping|target|action|background|is)$/;

  function inspect(root: ParentNode): readonly string[] {
    const faults: string[] = [];
    for (const element of root.querySelectorAll("*")) {
      if (element.namespaceURI !== HTML || ELEMENT.test(element.tagName)) faults.push(element.tagName);
      for (const { name, value } of element.attributes) if (ATTRIBUTE.test(name)) faults.push(`${name}=${value}`);
      for (const [name, schemes] of [
        ["href", ["https:", "http:", "mailto:"]],
        ["src", ["https:"]],
      ] as const) {
        const value = element.getAttribute(name);
        if (value === null) continue;
        const { protocol } = new URL(value, "https://page.dev/");
        if (!(schemes as readonly string[]).includes(protocol)) faults.push(`${name}=${value}`);
      }
    }
    return faults;
  }

  const found: string[][] = [];
  for (const text of texts) {
    const faults = [...inspect(new DOMParser().parseFromString(text, "text/html").body)];
    document.body.innerHTML = text;
    // Once more, as an editor does: what appears then is a mutation.
    const written = document.body.innerHTML;
    document.body.innerHTML = written;
    faults.push(...inspect(document.body));
    for (const element of document.body.querySelectorAll<HTMLElement>("*")) {
      element.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
      // What links lead to was judged above.
      if (element instanceof HTMLElement && element.tagName !== "A") element.click();
    }
    found.push(faults);
  }
  // Images fail and animations begin after the task that made them.
  await new Promise((resolve) => setTimeout(resolve, 500));
  if ("MARK" in window) found.push(["ran"]);
  return found;
}

async function expectHarmless(texts: readonly string[], toClean: (text: string) => string): Promise<void> {
  await browser.page.goto(PAGE);
  asked.length = 0;
  const cleaned = texts.map(toClean);
  const found = await browser.page.evaluate(inspectAll, cleaned);
  for (const [i, faults] of found.entries())
    expect({ text: texts[i], clean: cleaned[i], faults }).toEqual({ text: texts[i], clean: cleaned[i], faults: [] });
  expect(found).toHaveLength(texts.length);
  // Addresses of the page itself are images that were let through.
  expect(asked.filter((url) => !url.startsWith(PAGE) && !url.startsWith("https://ok.dev/"))).toEqual([]);
  expect(browser.page.url()).toBe(PAGE);
}

const vectors = ALL_HTML_ATTACKS.map(([, text]) => text);

test("the check finds what runs", async () => {
  await browser.page.goto(PAGE);
  const texts = ["<p>", "<a href=javascript:a>x</a>", "<b id=x>", "<svg>", "<img src=x onerror=window.MARK=1>"];
  expect(await browser.page.evaluate(inspectAll, texts)).toEqual([
    [],
    ["href=javascript:a", "href=javascript:a"],
    ["id=x", "id=x"],
    ["svg", "svg"],
    ["onerror=window.MARK=1", "onerror=window.MARK=1"],
    ["ran"],
  ]);
});

test("nothing of hostile HTML runs, is asked for or takes the page over", async () => {
  await expectHarmless(vectors, sanitizeHtml);
});

test("nor of hostile HTML and Markdown that was drawn as Markdown", async () => {
  await expectHarmless([...MARKDOWN_ATTACKS, ...vectors], markdownToHtml);
});
