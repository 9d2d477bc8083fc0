/** What keeps copies of the audit's head outside the database: one for each number, never replaced. */
import type { AuditHead } from "./d1/audit.ts";

/** A copy of the head. */
export interface Anchor extends AuditHead {
  /** When it was kept, by the keeper's own clock; ISO 8601. */
  readonly at: string;
}

/** Anchors by the number of their row. */
export interface AnchorStore {
  /** Keeps a head, unless one of this number is kept. Answers the hash that is kept under the number from now on. */
  put(head: AuditHead, at: string): Promise<string>;
  /** All anchors by rising number, in pages. One that cannot be read has the hash "", which no row has. */
  list(): AsyncIterable<readonly Anchor[]>;
}
