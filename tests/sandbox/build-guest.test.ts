/** Do the parts of a guest that was taken apart make the same whole? Node only: builds need a file system. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInThisContext } from "node:vm";
import { expect, test } from "vitest";
import { bundleGuestParts } from "../../sandbox/build-guest.ts";

type Part = (call: unknown, ask: unknown, shared: unknown) => unknown;

/** Writes the files, and bundles those named as the entries of parts. */
function bundle(files: Readonly<Record<string, string>>, entries: readonly string[]): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "guest-"));
  for (const [name, source] of Object.entries(files)) writeFileSync(join(folder, name), source);
  return bundleGuestParts(entries.map((entry) => join(folder, entry)));
}

/** As the driver does. */
function evaluate(parts: readonly string[]): { readonly enter: unknown; readonly shared: readonly unknown[] } {
  const shared: unknown[] = [];
  const enter = parts.reduce((given: unknown, source) => {
    if (given !== undefined) shared.push(given);
    return (runInThisContext(source) as Part)("call", "ask", given);
  }, undefined);
  return { enter, shared };
}

const FILES = {
  "count.ts": `let count = 0; export const next = () => (count += 1); export const unused = () => "never asked for";`,
  "late.ts": `import { next } from "./count.ts"; export let given: () => string; export class Late { static { given = () => "late " + next(); } }`,
  "middle.ts": `import { next } from "./count.ts"; import { given as other } from "./late.ts"; next(); export const both = () => other() + " " + next();`,
  "end.ts": `import { next } from "./count.ts"; import { given } from "./late.ts"; import { both } from "./middle.ts"; export default (call: string, ask: string) => () => [call, ask, next(), given(), both()];`,
};

test("each file is evaluated once, in whichever part it is, and sees what earlier ones export", async () => {
  const expected = ["call", "ask", 2, "late 3", "late 4 5"];
  for (const entries of [
    ["end.ts"],
    ["count.ts", "end.ts"],
    ["count.ts", "late.ts", "middle.ts", "end.ts"],
    ["middle.ts", "end.ts"],
  ]) {
    const parts = await bundle(FILES, entries);
    expect(parts).toHaveLength(entries.length);
    expect((evaluate(parts).enter as () => unknown)()).toEqual(expected);
  }
});

test("what is shared has no prototype and holds what later parts import, nothing else", async () => {
  const { shared } = evaluate(await bundle(FILES, ["count.ts", "middle.ts", "end.ts"]));
  expect(shared.map((each) => Object.getPrototypeOf(each))).toEqual([null, null]);
  expect(Object.keys(shared[1] as object).toSorted()).toEqual(["both", "given", "next"]);
});

test("two exports of one name cannot be shared", async () => {
  const files = {
    "a.ts": `export const same = () => 1;`,
    "b.ts": `export { same as first } from "./a.ts"; export const same = () => 2;`,
    "end.ts": `import { same } from "./a.ts"; import { same as other } from "./b.ts"; export default () => [same, other];`,
  };
  await expect(bundle(files, ["b.ts", "end.ts"])).rejects.toThrow(/Cannot share same: both .*a\.ts and .*b\.ts/);
});
