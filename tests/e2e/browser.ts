/** How do these tests drive Chromium, and where do the pictures go? */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";

const OUTPUT = join(import.meta.dirname, "../output");

/** A browser with a profile of its own, and one page. */
export interface TestBrowser {
  readonly page: Page;
  /** What pages reported as errors; a test ends by asserting that it is empty. */
  readonly errors: readonly string[];
  /** Takes a picture of the whole page; somebody looks at them. */
  picture(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts Chromium. */
export async function openBrowser(viewport = { width: 1440, height: 900 }): Promise<TestBrowser> {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
  if (!executablePath) throw new Error("Chromium was not found. Install it: apt-get install -y chromium");
  const profile = await mkdtemp(join(tmpdir(), "bulkhead-chromium-"));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await mkdir(OUTPUT, { recursive: true });
  return {
    page,
    errors,
    picture: async (name) => {
      await page.screenshot({ path: join(OUTPUT, `${name}.png`), fullPage: true });
    },
    close: () => context.close(),
  };
}
