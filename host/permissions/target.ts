/** Does the name in a grant cover this target? Hosts by pattern, everything else by its exact name. */
import type { TargetKind } from "@bulkhead/sdk";
import { matchesHost } from "../network/host-pattern.ts";

/** Whether it does. */
export function coversTarget(kind: TargetKind, granted: string, target: string): boolean {
  return kind === "hosts" ? matchesHost(granted, target) : granted === target;
}
