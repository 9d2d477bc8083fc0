/** What is in the output that is deployed, what is not, and what does it say when nothing is set up? */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { createTestHarness } from "wrangler";
import { SECRETS } from "../support/target.ts";

const folder = inject("builtWorker");

describe("the built Worker", () => {
  it("holds none of the local entry, no token of these tests and no plugin", async () => {
    const scripts = (await readdir(folder)).filter((name) => name.endsWith(".js"));
    expect(scripts).toEqual(["index.js"]);
    const output = await readFile(join(folder, "index.js"), "utf8");
    // Libraries explain themselves in comments.
    const code = output.replaceAll(/^\s*(\*|\/\/|\/\*).*$/gm, "");
    expect(code.length).toBeGreaterThan(100_000);
    for (const word of [
      "127.0.0.1",
      "LOOPBACK",
      "createLoopbackFetch",
      "localhost:",
      "test-bootstrap-token",
      "aimock",
      "api.openai.com",
    ]) {
      expect({ word, found: code.includes(word) }).toEqual({ word, found: false });
    }
  });

  it.each([
    ["secrets", {}, /SECRETS_KEY is not set[^]*BOOTSTRAP_TOKEN is not set[^]*migrations apply/],
    ["migrations", SECRETS, /^Bulkhead is not set up yet\.\n- The database has no tables\./],
  ])("without %s answers 503 and says what to do", async (_, secrets, words) => {
    const worker = { configPath: "./wrangler.toml", prebuiltWorkerDir: folder, secrets: { ...secrets } };
    const harness = createTestHarness({ workers: [worker] });
    try {
      await harness.listen();
      const response = await harness.fetch("/api/health");
      expect(response.status).toBe(503);
      expect(await response.text()).toMatch(words);
    } finally {
      await harness.close();
    }
  });
});
