/** Does a bump of the engine say what differs, and write pins that build it? */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { readInstalledVersion, readUpstream } from "../../sandbox/build.ts";
import { describeChanges, formatPins, pin } from "../../sandbox/bump.ts";
import { PINS } from "../../sandbox/engine/meter/pins.ts";

test("the pins are those of the installed build", () => {
  expect(pin(readUpstream(), { package: PINS.package, version: readInstalledVersion() })).toEqual(PINS);
  expect(describeChanges(PINS, PINS)).toEqual([]);
});

test("what differs is told by name", () => {
  const [first, ...imports] = PINS.imports;
  const after = {
    ...PINS,
    version: "9.9.9",
    engine: "abc",
    layout: { ...PINS.layout, sbrkAddress: 4 },
    imports: [...imports, "z (i32) -> ()"],
    exports: `${PINS.exports} added`,
  };
  expect(describeChanges(PINS, after)).toEqual([
    `version: ${PINS.version} -> 9.9.9`,
    `engine: ${PINS.engine} -> abc`,
    `layout: sbrkAddress ${PINS.layout.sbrkAddress} -> 4`,
    `import gone: ${first}`,
    "import new: z (i32) -> ()",
    "export new: added",
  ]);
});

test("the pins are written as they stand", () => {
  const source = readFileSync(resolve(import.meta.dirname, "../../sandbox/engine/meter/pins.ts"), "utf8");
  expect(source).toContain(formatPins(PINS));
});
