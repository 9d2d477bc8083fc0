/** What a plugin version may do: one row per capability that was asked for, with what a person decided about it. */
import type { Capability } from "@bulkhead/sdk";

/**
 * - `enforce`: what the row does not give is refused;
 * - `report`: it is done all the same, as far as the manifest asks for it, and counted.
 */
export type GrantMode = "enforce" | "report";

/** One row. */
export interface Grant {
  readonly capability: Capability;
  readonly allowed: boolean;
  /** What it is narrowed to, names of the capability's kind of target; null: not narrowed. Hosts are never null. */
  readonly targets: readonly string[] | null;
  /** Methods of requests it is narrowed to; null: all, and for every capability that sends none. */
  readonly methods: readonly string[] | null;
  readonly mode: GrantMode;
  /** Off for now. */
  readonly paused: boolean;
  readonly grantedBy: string;
  /** ISO 8601, like `until`. */
  readonly grantedAt: string;
  /** When it ends by itself; null: never. */
  readonly until: string | null;
  readonly note: string | null;
}
