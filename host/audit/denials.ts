/**
 * What did plugins try that nobody granted? Counted in memory during a request by plugin, capability and minute, so that
 * however often one tries it is one row. Bounded: capabilities are the host's, and only a few targets are kept.
 */
import type { Denial } from "../permissions/check.ts";
import { cleanLine } from "../trace/clean.ts";
import type { DenialRow } from "../store/d1/denials.ts";

/** What is kept of the targets of one row. */
export const DENIAL_LIMITS = { targets: 5, targetChars: 100 } as const;

/** Counts denials of one host request. */
export interface DenialTally {
  /** Its target, where it has one, is a plugin's own word. */
  add(plugin: string, denial: Denial): void;
  /** What was counted since the last time, targets as the plugins wrote them; see `toDenialRows`. */
  take(): readonly DenialRow[];
}

/** The minute of a time: ISO 8601, cut after the minute. */
export function toMinute(time: Date): string {
  return time.toISOString().slice(0, 16);
}

/** A tally. */
export function createDenialTally(now: () => Date): DenialTally {
  let counted = new Map<string, Omit<DenialRow, "targets"> & { targets: Set<string> }>();
  return {
    add(plugin, denial) {
      const { capability } = denial;
      const minute = toMinute(now());
      const name = JSON.stringify([plugin, capability, minute]);
      const known = counted.get(name);
      const { count, targets } = known ?? { count: 0, targets: new Set<string>() };
      const target = targetOf(denial);
      if (target !== undefined && targets.size < DENIAL_LIMITS.targets) targets.add(target);
      counted.set(name, { plugin_id: plugin, capability, minute, count: count + 1, targets });
    },
    take() {
      const rows = [...counted.values()].map((row) => ({ ...row, targets: [...row.targets] }));
      counted = new Map();
      return rows;
    },
  };
}

/** The rows as they are kept: without secrets, clean and short. Redacted whole, then cut: half a secret is one as well. */
export function toDenialRows(
  rows: readonly DenialRow[],
  redactFor: (plugin: string) => (text: string) => string,
): readonly DenialRow[] {
  // SECURITY: a stranger's text goes into a record that is never cut. (tests/host/audit.test.ts, "cleaned and capped")
  const toSafe = (plugin: string, target: string): string =>
    cleanLine(redactFor(plugin)(target), DENIAL_LIMITS.targetChars);
  return rows.map((row) => ({
    ...row,
    targets: [...new Set(row.targets.map((target) => toSafe(row.plugin_id, target)))],
  }));
}

/** What the plugin wanted to reach; undefined where it may not use the power at all. */
function targetOf(denial: Denial): string | undefined {
  switch (denial.kind) {
    case "capability":
      return undefined;
    case "target":
    case "switch":
      return denial.target;
    case "method":
      return denial.method;
    case "policy":
      return denial.refusal.of === "capability" ? undefined : denial.refusal.name;
  }
}
