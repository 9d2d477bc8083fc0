/** Which meters does a call of a bridge method draw on? By its kind, whether it writes, and what its row says besides. */
import type { BridgeMethod } from "../bridges/define-bridge.ts";
import type { MeterName } from "./meters.ts";
import type { Wanted } from "./check-quota.ts";

/** What a call wants at least of each; what it takes shows when it is done. */
export function needsOf(
  { kind, writes = () => false, draws = [] }: Pick<BridgeMethod, "kind" | "writes" | "draws">,
  args: readonly unknown[],
): Wanted {
  const isWrite = writes === true || writes(...args);
  const byKind: Readonly<Record<typeof kind, readonly MeterName[]>> = {
    data: isWrite ? ["rowsWritten"] : ["rowsRead"],
    request: ["requests", "bytesOut"],
    compute: [],
  };
  return Object.fromEntries([...byKind[kind], ...draws].map((meter) => [meter, 1]));
}
