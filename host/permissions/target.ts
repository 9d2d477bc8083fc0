/** Does the name in a grant cover this target? Hosts by pattern, everything else by its exact name. */
import type { TargetKind } from "@bulkhead/sdk";
import { coversRequest, fromHostTarget } from "../network/host-pattern.ts";

/** Whether it does. A target of the kind `hosts` is `toHostTarget`'s. */
export function coversTarget(kind: TargetKind, granted: string, target: string): boolean {
  return kind === "hosts" ? coversRequest([granted], fromHostTarget(target)) : granted === target;
}
