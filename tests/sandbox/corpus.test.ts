/**
 * Does every attack of the corpus end by a limit or as an error of its own, and leave nothing behind? `npm run attack`
 * runs the same with more fuel, and takes the time.
 */
import { describe, expect, test } from "vitest";
import { attacks } from "../corpora/attacks.ts";
import { createJudge } from "../corpora/judge.ts";
import { sandbox, toLimits } from "./harness.ts";

const { attack, judge } = createJudge(
  sandbox,
  toLimits({ fuel: 10_000_000, wallMs: 100 }),
  // Some bundles of the corpus are large; they are to be read to the end.
  toLimits({ fuel: 50_000_000 }),
);

const families = Map.groupBy(attacks, ({ name }) => /^(\w+):/.exec(name)?.[1] ?? "given");

describe.each([...families])("%s", (family, members) => {
  test.each(members.map((member) => [member.name, member] as const))("%s", async (name, member) => {
    const { complaint } = await judge(member, await attack(member));
    expect(complaint).toBeUndefined();
  });
});

test("the corpus is whole", () => {
  expect(new Set(attacks.map(({ name }) => name)).size).toBe(attacks.length);
  expect(attacks.length).toBeGreaterThan(400);
});
