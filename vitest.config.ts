import { existsSync, readdirSync } from "node:fs";
import { defineConfig } from "vitest/config";

const folders = readdirSync("tests").filter((name) => existsSync(`tests/${name}/vitest.config.ts`));
const hasChromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].some((path) => existsSync(path));

// In CI a missing browser is a failure, not a smaller test.
const leavesOutBrowser = !hasChromium && process.env["CI"] === undefined;
if (leavesOutBrowser) {
  console.warn("Chromium was not found: the browser tests are left out. Install it: apt-get install -y chromium\n");
}

export default defineConfig({
  test: {
    projects: folders
      .filter((name) => !(leavesOutBrowser && name === "e2e"))
      .map((name) => `tests/${name}/vitest.config.ts`),
  },
});
