/** From an uploaded bundle to a post on the site, as a person does it in the dashboard. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser, type TestBrowser } from "./browser.ts";
import { startLocalProduct, type LocalProduct } from "./local.ts";

const CATALOG = join(import.meta.dirname, "../../dist/assets/catalog");
const BUNDLE = join(
  CATALOG,
  readdirSync(CATALOG).find((name) => name.startsWith("auto-blog-seo-"))!,
);

let product: LocalProduct;
let browser: TestBrowser;

beforeAll(async () => {
  product = await startLocalProduct();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await product?.close();
});

test("upload, consent, settings, a tick: the post is on the site, in the feed and in the sitemap", async () => {
  const { page, picture } = browser;
  const { server } = product;

  await page.goto(await server.signInLink());
  await page.getByText("No plugins yet").waitFor();
  await picture("01-empty");

  await page.getByLabel("Upload bundle").setInputFiles(BUNDLE);
  await page.getByRole("button", { name: "Allow and enable" }).waitFor();
  await expect(page.getByText("api.openai.com").first().isVisible()).resolves.toBe(true);
  await picture("02-consent");
  const publishing = page.getByRole("switch", { name: "Allow: Publish and unpublish your content" });
  const warning = page.getByText("The plugin counts on it");
  await publishing.click();
  await warning.waitFor();
  await publishing.click();
  await warning.waitFor({ state: "detached" });

  await page.getByRole("button", { name: "Allow and enable" }).click();
  await page.getByText(/went live/).waitFor();
  await picture("03-live");

  await page.getByRole("link", { name: "Open settings" }).click();
  const key = page.getByLabel(/OpenAI.*key/i).first();
  await key.waitFor();
  await key.fill("a-key-that-nobody-checks");
  await picture("04-settings");
  await page.getByRole("button", { name: "Save settings" }).click();
  await page.getByText("Settings saved").waitFor();

  // One setting by its KV key's API, so that the post goes public at once.
  const put = await fetch(`${server.url}/api/admin/plugins/auto-blog-seo/settings`, {
    method: "PUT",
    headers: { authorization: `Bearer ${server.bootstrapToken}`, "content-type": "application/json" },
    body: JSON.stringify({ values: { publish: "publish" } }),
  });
  expect(put.status).toBe(200);

  await page.getByRole("link", { name: "Schedules", exact: true }).click();
  await page.getByRole("button", { name: /Run now/ }).click();
  await page
    .getByText(/is due/)
    .first()
    .waitFor();
  await server.tick();
  await page.getByText("Succeeded").first().waitFor();
  await picture("05-run");

  await page.goto(server.url);
  const post = page.locator("main a[href^='/posts/']").first();
  await post.waitFor();
  await picture("06-site");
  const href = await post.getAttribute("href");
  await post.click();
  await page.locator("main h1").waitFor();
  await picture("07-post");

  const title = await page.title();
  expect(title.length).toBeGreaterThan(10);
  await expect(page.locator("meta[property='og:title']").count()).resolves.toBe(1);
  await expect(page.locator("script[type='application/ld+json']").count()).resolves.toBeGreaterThan(0);
  const [sitemap, feed] = await Promise.all(
    ["/sitemap.xml", "/feed.xml"].map(async (path) => (await fetch(server.url + path)).text()),
  );
  expect(sitemap).toContain(`${server.url}${href}</loc>`);
  expect(feed).toContain(`${server.url}${href}`);
  expect(browser.errors).toEqual([]);
});

test("a panel appears with its plugin, and disabling the plugin takes its routes off at once", async () => {
  const { page, picture } = browser;
  const { server } = product;
  await page.goto(`${server.url}/admin/plugins/auto-blog-seo`);
  await page.getByRole("link", { name: "Auto Blog", exact: true }).first().click();
  await page
    .locator("main")
    .getByText(/openai/i)
    .first()
    .waitFor();
  await picture("08-panel");

  expect((await fetch(`${server.url}/api/plugins/auto-blog-seo/status`)).status).toBe(200);
  await page.goto(`${server.url}/admin/plugins/auto-blog-seo`);
  await page.getByRole("button", { name: "Disable", exact: true }).click();
  await page.getByRole("button", { name: "Enable", exact: true }).waitFor();
  expect((await fetch(`${server.url}/api/plugins/auto-blog-seo/status`)).status).toBe(404);
  await picture("09-disabled");
  expect(browser.errors).toEqual([]);
});

test("a bundle that is none is refused with what is wrong, and nothing is listed", async () => {
  const { page, picture } = browser;
  const { server } = product;
  await page.goto(`${server.url}/admin/`);
  await page.getByLabel("Upload bundle").setInputFiles({
    name: "broken.tar.gz",
    mimeType: "application/gzip",
    buffer: Buffer.from("this is no archive"),
  });
  await page
    .getByText(/not a gzip archive/)
    .first()
    .waitFor();
  await picture("10-refused");
  const response = await fetch(`${server.url}/api/admin/plugins`, {
    headers: { authorization: `Bearer ${server.bootstrapToken}` },
  });
  const { items } = (await response.json()) as { items: readonly { id: string }[] };
  expect(items.map(({ id }) => id)).toEqual(["auto-blog-seo"]);
});
