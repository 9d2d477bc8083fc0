/** Runs every test of `tests/host` against the built Worker: one file here, so that it is started once. */
import { afterAll, describe } from "vitest";
import { closeTarget } from "../support/target-built.ts";

// Those that end in .source.test.ts take the Worker apart and need its sources.
const files = import.meta.glob<object>(["../host/*.test.ts", "!../host/*.source.test.ts"]);

// A suite for each file keeps its hooks to itself.
for (const [path, load] of Object.entries(files)) {
  describe(path.replace("../host/", "").replace(".test.ts", ""), async () => {
    await load();
  });
}

afterAll(closeTarget);
