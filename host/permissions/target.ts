/** Does the name in a grant cover this target? Hosts and paths by pattern, everything else by its exact name. */
import { matchesSitePath, type TargetKind } from "@bulkhead/sdk";
import { coversRequest, fromHostTarget } from "../network/host-pattern.ts";

/** Whether it does. A target of the kind `hosts` is `toHostTarget`'s. */
export function coversTarget(kind: TargetKind, granted: string, target: string): boolean {
  if (kind === "hosts") return coversRequest([granted], fromHostTarget(target));
  return kind === "paths" ? matchesSitePath(granted, target) : granted === target;
}
