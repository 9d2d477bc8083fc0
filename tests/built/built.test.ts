/** Runs every test of `tests/host` against the built Worker: one file here, so that it is started once. */
import { afterAll } from "vitest";
import { closeTarget } from "../support/target-built.ts";

import.meta.glob("../host/*.test.ts", { eager: true });

afterAll(closeTarget);
