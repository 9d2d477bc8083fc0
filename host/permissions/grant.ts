/** What a plugin version may do: one row per capability that was asked for, allowed or denied, by whom and why. */
import type { Capability } from "@bulkhead/sdk";

/** One row. */
export interface Grant {
  readonly capability: Capability;
  readonly allowed: boolean;
  /** The hosts a network capability is narrowed to; null for every other capability. */
  readonly hosts: readonly string[] | null;
  readonly grantedBy: string;
  /** ISO 8601, like `until`. */
  readonly grantedAt: string;
  readonly until: string | null;
  readonly note: string | null;
}
