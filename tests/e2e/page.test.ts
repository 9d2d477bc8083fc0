/** How does the site look with a plugin on it: at every place of a page and at addresses of its own, in light and dark? */
import { afterAll, beforeAll, expect, test } from "vitest";
import { packBundle } from "../../scripts/pack-bundle.ts";
import { openBrowser, type TestBrowser } from "./browser.ts";
import { startLocalProduct, type LocalProduct } from "./local.ts";

const BACKEND = `
const span = (text, ...marks) => ({ _type: "span", _key: "s", text, marks });
const block = (children, more = {}) => ({ _type: "block", _key: "b", style: "normal", markDefs: [], children: [children].flat(), ...more });
const link = (words, href) => block([span(words, "l")], { markDefs: [{ _type: "link", _key: "l", href }] });
const item = (words, href) => ({ ...link(words, href), listItem: "bullet", level: 1 });
const heading = (text) => block(span(text), { style: "h3" });
const TABLE = { _type: "table", rows: [["Place", "High water", "Height"], ["Fort Point", "07:12", "4.1 m"], ["Old Quay", "07:40", "3.8 m"]]
  .map((cells, i) => ({ cells: cells.map((text) => ({ content: [span(text)], isHeader: i === 0 })) })) };
const AT = {
  "post.before": [block([span("Three minutes", "strong"), span(" to read.")])],
  "post.after": [heading("Read on"), item("Tides and what moves them", "/topics/tides"), item("The shape of a wave", "https://example.com/waves"), block([span("Chosen by hand, with "), span("tidewrack", "code"), span(".")])],
  "list.before": [block([span("New here?", "strong"), span(" Begin with the notes on "), span("tides", "l"), span(".")], { markDefs: [{ _type: "link", _key: "l", href: "/topics/tides" }] })],
  "list.after": [heading("A letter each month"), block(span("The best of the shore, without a word too many. Reply to leave."))],
  "page.footer": [block([span("Photographs by Ada North. "), span("About these notes", "l")], { markDefs: [{ _type: "link", _key: "l", href: "/topics/about" }] })],
};
export default { hooks: {
  "page:blocks": ({ slots }) => slots.map((slot) => ({ slot, blocks: AT[slot] })),
  "page:request": ({ path }) => path === "/llms.txt"
    ? { contentType: "text/plain", body: "# Tidewrack\\n\\nNotes from the shore.\\n" }
    : { page: { title: "Tides and what moves them", description: "Twice a day the sea comes and goes. What the moon has to do with it.",
        blocks: [block(span("The moon pulls at the water on its side, and at the earth more than at the water on the other. Both bulges stay where they are; it is the shore that turns through them.")),
          { _type: "block", _key: "b", style: "h2", markDefs: [], children: [span("Today")] }, TABLE,
          block(span("Nobody is hurried by the tide who knows its hour."), { style: "blockquote" })] } },
} };
`;

let product: LocalProduct;
let browser: TestBrowser;

beforeAll(async () => {
  product = await startLocalProduct();
  browser = await openBrowser({ width: 1200, height: 900 });
});
afterAll(async () => {
  await browser?.close();
  await product?.close();
});

async function send(path: string, body: unknown, type = "application/json"): Promise<Record<string, unknown>> {
  const response = await fetch(`${product.server.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${product.server.bootstrapToken}`, "content-type": type },
    body: body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body),
  });
  expect(response.status, await response.clone().text()).toBeLessThan(300);
  return (await response.json()) as Record<string, unknown>;
}

const text = (words: string) => ({
  _type: "block",
  _key: "b",
  style: "normal",
  markDefs: [],
  children: [{ _type: "span", _key: "s", text: words, marks: [] }],
});

test("blocks and a page of a plugin stand on the site as its own do, and nothing of them runs", async () => {
  const { page, picture } = browser;
  const { url } = product.server;
  for (const [title, excerpt] of [
    ["What the last storm left", "A walk along the wrack line, the morning after."],
    ["How to read a shore", "Sand, shingle and mud each tell what the water does."],
  ]) {
    await send("/api/content/posts", {
      publish: true,
      data: {
        title,
        excerpt,
        content: [text(`${excerpt} It takes an hour, boots and some patience.`), text("Go at low water. ".repeat(12))],
      },
    });
  }
  const slots = ["post.before", "post.after", "list.before", "list.after", "page.footer"];
  const archive = await packBundle({
    manifest: {
      id: "harbour",
      name: "Harbour",
      version: "1.0.0",
      hooks: ["page:blocks", "page:request"],
      bulkhead: {
        page: { slots, paths: ["/llms.txt", "/topics/*"] },
        purposes: { "page:paths": "Pages on each of your topics, and a file for language models" },
      },
    },
    backend: BACKEND,
  });
  await send("/api/admin/plugins", archive, "application/gzip");

  await page.goto(await product.server.signInLink());
  await page.getByText("Harbour").first().waitFor();
  await page.goto(`${url}/admin/plugins/harbour/consent`);
  await page.getByRole("button", { name: "Allow and enable" }).waitFor();
  for (const name of [...slots, "/llms.txt", "/topics/*"])
    await expect(page.getByText(name, { exact: true }).first().isVisible()).resolves.toBe(true);
  await picture("20-consent-page");
  await page.getByRole("button", { name: "Allow and enable" }).click();
  await page.getByText(/went live/).waitFor();

  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const [path, name, words] of [
      ["/", "list", "A letter each month"],
      ["/posts/how-to-read-a-shore", "post", "Read on"],
      ["/topics/tides", "topic", "Tides and what moves them"],
    ] as const) {
      await page.goto(url + path);
      await page.getByText(words).first().waitFor();
      await expect(page.getByText("Photographs by Ada North.").isVisible()).resolves.toBe(true);
      await picture(`21-${name}-${scheme}`);
    }
  }
  await page.setViewportSize({ width: 390, height: 800 });
  await page.goto(`${url}/posts/how-to-read-a-shore`);
  // Nothing is wider than the screen.
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await picture("22-post-narrow");
  await page.goto(`${url}/topics/tides`);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);

  expect(await (await fetch(`${url}/llms.txt`)).text()).toBe("# Tidewrack\n\nNotes from the shore.\n");
  expect(browser.errors).toEqual([]);
});
