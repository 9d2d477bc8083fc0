/**
 * What does the plugin remember between runs? One small record in `ctx.kv`: whose turn it is, and how the last runs
 * ended. Losing it costs a repeated topic at most; posts are kept apart by their idempotency keys.
 */
import type { Fault } from "./result.ts";
import { isObject, type Tokens } from "./wire-format.ts";

/** Where the record stands. */
export const STATE_KEY = "state:generate";

/** Runs and own titles that are remembered. A thousand titles are about 60 KB of the 256 KiB a value may have. */
const KEPT = { runs: 20, titles: 1_000 } as const;

/** One run. */
export interface Run {
  /** The occurrence it was for, ISO 8601. */
  readonly scheduledAt: string;
  readonly provider: string;
  readonly model: string;
  /** What the provider counted for the post; null where it did not, and on failed runs. */
  readonly tokens: Tokens | null;
  /** Null where the model proposed. */
  readonly topic: string | null;
  readonly outcome:
    | { readonly kind: "written"; readonly id: string; readonly title: string; readonly status: string }
    | { readonly kind: "failed"; readonly fault: Fault["kind"]; readonly message: string };
}

/** The record. */
export interface State {
  /** Index of the next topic. */
  readonly cursor: number;
  /** Posts written so far. */
  readonly written: number;
  /** Titles of the posts written so far, newest first, for those that are no longer among the site's newest. */
  readonly titles: readonly string[];
  /** Newest first. */
  readonly runs: readonly Run[];
}

/** Reads the record; whatever does not fit counts as not there. */
export function toState(stored: unknown): State {
  const record = isObject(stored) ? stored : {};
  const runs: readonly unknown[] = Array.isArray(record["runs"]) ? record["runs"] : [];
  const titles: readonly unknown[] = Array.isArray(record["titles"]) ? record["titles"] : [];
  return {
    cursor: toCount(record["cursor"]),
    written: toCount(record["written"]),
    titles: titles.filter((title) => typeof title === "string"),
    runs: runs.filter(isRun),
  };
}

/** The record after a run. A repeated occurrence replaces its earlier entry. */
export function withRun(state: State, run: Run, { cursor }: { readonly cursor: number }): State {
  const titles = run.outcome.kind === "written" ? [run.outcome.title] : [];
  const others = state.runs.filter(({ scheduledAt }) => scheduledAt !== run.scheduledAt);
  return {
    cursor,
    written: state.written + titles.length,
    titles: [...titles, ...state.titles].slice(0, KEPT.titles),
    runs: [run, ...others].slice(0, KEPT.runs),
  };
}

/** The title that an occurrence has already written, or undefined. */
export function findWritten({ runs }: State, scheduledAt: string): string | undefined {
  const run = runs.find((candidate) => candidate.scheduledAt === scheduledAt);
  return run?.outcome.kind === "written" ? run.outcome.title : undefined;
}

function toCount(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

function isRun(value: unknown): value is Run {
  return isObject(value) && typeof value["scheduledAt"] === "string" && isObject(value["outcome"]);
}
