/**
 * Does every attack of the corpus end by a limit or as an error of its own, and leave nothing behind? `npm run attack`
 * runs the same with more fuel, and takes the time.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attacks, type Attack } from "../corpora/attacks.ts";
import { createJudge, toProgram } from "../corpora/judge.ts";
import { sandbox, toLimits } from "./harness.ts";

// Some bundles of the corpus are large; they are to be read to the end.
const OPEN_LIMITS = toLimits({ fuel: 50_000_000 });
const { attack, judge } = createJudge(sandbox, toLimits({ fuel: 10_000_000, wallMs: 100 }), OPEN_LIMITS);

const Original = WebAssembly.Memory;
let latest: WebAssembly.Memory | undefined;
beforeAll(() => {
  const keep = (memory: WebAssembly.Memory) => (latest = memory);
  class Recorded extends Original {
    constructor(descriptor: { readonly initial: number; readonly maximum: number }) {
      super(descriptor);
      keep(this);
    }
  }
  Object.assign(WebAssembly, { Memory: Recorded });
});
afterAll(() => Object.assign(WebAssembly, { Memory: Original }));

/** The memory of the attack's instance, and what stands in it before the attack. */
async function prepare(member: Attack) {
  const opened = await sandbox.open(toProgram(member), OPEN_LIMITS);
  if (!opened.ok || latest === undefined) return undefined;
  opened.vm.close();
  return { memory: latest, atRest: new Int32Array(latest.buffer.slice(0)) };
}

/** Address of the first word that is not what it was; memory that was added must be empty. */
function findRemains({ memory, atRest }: { readonly memory: WebAssembly.Memory; readonly atRest: Int32Array }): number {
  const now = new Int32Array(memory.buffer);
  for (let word = 0; word < now.length; word += 1) if (now[word] !== (atRest[word] ?? 0)) return word * 4;
  return -1;
}

const families = Map.groupBy(attacks, ({ name }) => /^(\w+):/.exec(name)?.[1] ?? "given");

/** Attacks whose memory was compared; of those that end while their bundle is evaluated nothing is left to compare. */
let compared = 0;

describe.each([...families])("%s", (_family, members) => {
  test.each(members.map((member) => [member.name, member] as const))(
    "%s ends, and nothing of it is left in any byte of memory",
    async (_name, member) => {
      const prepared = await prepare(member);
      const end = await attack(member);
      if (prepared !== undefined) {
        compared += 1;
        expect(findRemains(prepared)).toBe(-1);
      }
      const { complaint } = await judge(member, end);
      expect(complaint).toBeUndefined();
    },
  );
});

test("the corpus is whole, and was compared", () => {
  expect(compared).toBeGreaterThan(300);
  expect(new Set(attacks.map(({ name }) => name)).size).toBe(attacks.length);
  expect(attacks.length).toBeGreaterThan(400);
});
