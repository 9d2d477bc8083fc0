/**
 * What is measured? A way to answer `main(input)` of a bundle. Each is given the same bundle and the same input, and must
 * give the same text.
 */

/** Sizes of the fixtures, by the names the figures use. */
export const SIZES = ["1k", "22k", "132k"] as const;
export type Size = (typeof SIZES)[number];

/** One bundle that exports `main(input)`. */
export interface Fixture {
  readonly size: Size;
  /** As an ES module. */
  readonly source: string;
  /** The same as a script that leaves the exports in a variable `bundle`. */
  readonly script: string;
}

/** Answers one call: JSON text in, JSON text out. */
export type Call = (input: string) => Promise<string> | string;

/** Makes ready to answer; not timed. */
export type Contender = (fixture: Fixture) => Promise<Call>;

/** What every contender is asked. */
export const INPUT = JSON.stringify({
  title: "A restored VM is <fresh>",
  text: "Every visitor gets a VM in its first state, and no visitor sees what another one left behind in it.",
  days: 40,
});

/** The result of one batch of calls. */
export interface Batch {
  readonly calls: number;
  readonly ms: number;
  readonly result: string;
}

/** Part of a batch that is called first and not counted: nobody pays for the garbage of whoever was measured before. */
const UNCOUNTED = 1 / 3;

/** Calls until `forMs` have passed. The clock ticks in milliseconds, so it starts at a tick. */
export async function runBatch(call: Call, forMs: number): Promise<Batch> {
  const begin = performance.now();
  let result = await call(INPUT);
  let tick = performance.now();
  while (tick - begin < forMs * UNCOUNTED) {
    result = await call(INPUT);
    tick = performance.now();
  }
  let start = tick;
  while (start === tick) start = performance.now();
  let calls = 0;
  let now = start;
  while (now - start < forMs) {
    result = await call(INPUT);
    calls += 1;
    now = performance.now();
  }
  return { calls, ms: now - start, result };
}
