/** Can a manifest take over the page on which people decide about it? Its words are words there, short and in one direction. */
import { writeFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packBundle } from "../../scripts/pack-bundle.ts";
import { openBrowser, type TestBrowser } from "./browser.ts";
import { startLocalProduct, type LocalProduct } from "./local.ts";

const EVIL = `<img src=x onerror="window.MARK=1"><script>window.MARK=1</script>`;
const TURNED = "\u202egnp.exe\u2066\u200b";
/** What the host itself says of a power. */
const OWN_WORDS = "Read your content, drafts included";

let product: LocalProduct;
let browser: TestBrowser;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bulkhead-manifest-"));
  product = await startLocalProduct();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await product?.close();
  await rm(folder, { recursive: true, force: true });
});

test("markup, turned text and the host's own sentences stay an author's words", async () => {
  const { page } = browser;
  const bundle = join(folder, "evil.tar.gz");
  const routes = ["admin", "go", { name: "page", public: true }];
  await writeFile(
    bundle,
    await packBundle({
      manifest: {
        id: "evil",
        version: "1.0.0",
        name: `${TURNED}${EVIL}`,
        description: `${EVIL} ${TURNED} ${"x".repeat(800)}`,
        capabilities: ["taxonomies:read", "network:request"],
        allowedHosts: ["a.shop.dev"],
        routes,
        admin: { settingsSchema: { key: { type: "string", label: `${EVIL}${TURNED}`, description: EVIL } } },
        bulkhead: { purposes: { "taxonomies:read": OWN_WORDS, "network:request": `${EVIL}${TURNED}` } },
      },
      backend: `export default { routes: {
        admin: () => ({ blocks: [] }),
        page: { public: true, handler: () => new Response(${JSON.stringify(EVIL)}, { status: 302, headers: { "content-type": "text/html", "set-cookie": "evil=1; path=/", location: "/admin/" } }) },
        go: (_, ctx) => { ctx.log.info(${JSON.stringify(EVIL + TURNED)}); throw new Error(${JSON.stringify(EVIL + TURNED)}); },
      } };`,
    }),
  );
  await page.goto(await product.server.signInLink());
  await page.getByText("No plugins yet").waitFor();
  await page.getByLabel("Upload bundle").setInputFiles(bundle);
  const allow = page.getByRole("button", { name: "Allow and enable" });
  await allow.waitFor();
  const expectInert = async () => {
    expect(await page.evaluate(() => "MARK" in window)).toBe(false);
    expect(await page.locator("img[src='x']").count()).toBe(0);
    // oxlint-disable-next-line no-misleading-character-class -- these characters are the point
    expect(await page.locator("body").innerText()).not.toMatch(/[\u200b\u202a-\u202e\u2066-\u2069]/);
  };
  await expectInert();
  expect(await page.locator("h1").innerText()).toContain("gnp.exe<img src=x");
  expect((await page.locator("h1").innerText()).length).toBeLessThan(150);
  // The host's sentence is nowhere said by the host, since it is not asked for; the author's is marked as theirs.
  expect(await page.getByText(OWN_WORDS, { exact: true }).count()).toBe(0);
  expect(await page.getByText(`The author says: “${OWN_WORDS}”`).count()).toBe(1);

  await allow.click();
  await page.getByText(/went live/).waitFor();
  await expectInert();
  const headers = { authorization: `Bearer ${product.server.bootstrapToken}` };
  await fetch(`${product.server.url}/api/plugins/evil/go`, { method: "POST", headers });
  for (const path of ["", "/settings", "/logs", "/logs?view=calls", "/permissions"]) {
    await page.goto(`${product.server.url}/admin/plugins/evil${path}`);
    await page.getByText("gnp.exe").first().waitFor();
    await expectInert();
  }
  // A route's answer in the address bar, on the dashboard's own origin and signed in.
  await page.goto(`${product.server.url}/api/plugins/evil/page`);
  expect(page.url()).toContain("/api/plugins/evil/page");
  await expectInert();
  expect((await page.context().cookies()).map(({ name }) => name)).not.toContain("evil");
  expect(browser.errors.filter((text) => !/Failed to load resource/.test(text))).toEqual([]);
});
