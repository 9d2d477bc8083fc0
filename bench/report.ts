/** The one line every benchmark ends with, and the statistics in it. */
import { cpus, totalmem } from "node:os";

/** One measured number and what it should be. */
export interface Figure {
  readonly value: number;
  readonly unit: string;
  readonly goal?: number;
  readonly better?: "lower" | "higher";
}

/** The value below which the share `p` (0 to 1) of the samples lies. */
export function percentile(samples: readonly number[], p: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}

/**
 * Prints the report.
 *
 * @param raw what the figures were made from.
 */
export function report(bench: string, figures: Readonly<Record<string, Figure>>, runs: number, raw?: object): void {
  const judged = Object.entries(figures).map(([name, { value, unit, goal, better = "lower" }]) => {
    const rounded = Number(value.toPrecision(4));
    if (goal === undefined) return [name, { value: rounded, unit }];
    return [name, { value: rounded, unit, goal, better, holds: better === "lower" ? value <= goal : value >= goal }];
  });
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  console.log(JSON.stringify({ bench, figures: Object.fromEntries(judged), machine, runs, raw }));
}
