/** Runs every test of `tests/host` against the built Worker: one file here, so that it is started once. */
import { afterAll } from "vitest";
import { closeTarget } from "../support/target-built.ts";

// Those that end in .source.test.ts take the Worker apart and need its sources.
import.meta.glob(["../host/*.test.ts", "!../host/*.source.test.ts"], { eager: true });

afterAll(closeTarget);
