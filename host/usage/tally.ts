/** How much was used, added up in memory by plugin and meter? */
import type { Amount, MeterName } from "./meters.ts";

/** A sum by plugin and meter. */
export interface Tally {
  add(use: Amount): void;
  of(plugin: string, meter: MeterName): number;
  /** Everything counted since the last call; nothing of it stays. */
  take(): readonly Amount[];
}

/** An empty tally. */
export function createTally(): Tally {
  let sums = new Map<string, Map<MeterName, number>>();
  return {
    add({ plugin, meter, amount }) {
      const own = sums.get(plugin) ?? new Map<MeterName, number>();
      sums.set(plugin, own);
      own.set(meter, (own.get(meter) ?? 0) + Math.round(amount));
    },
    of: (plugin, meter) => sums.get(plugin)?.get(meter) ?? 0,
    take() {
      const taken = [...sums].flatMap(([plugin, own]) =>
        [...own].flatMap(([meter, amount]) => (amount === 0 ? [] : [{ plugin, meter, amount }])),
      );
      sums = new Map();
      return taken;
    },
  };
}
