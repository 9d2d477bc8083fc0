import { expect, test } from "vitest";
import { main, run, toValue } from "./harness.ts";
test("an entry gets its input and returns JSON", async () => {
  expect(toValue(await run(main("return { hi: input }"), { input: "world" }))).toEqual({ hi: "world" });
});
