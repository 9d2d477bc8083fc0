/**
 * When is the head copied to R2? At the end of the request that moved it, and by the minute clock where that did not
 * happen. The copy is what reveals a tail that was cut, or a chain that was written anew with the host's own key.
 */
import type { Anchor, AnchorStore } from "../store/anchors.ts";
import type { AuditHead } from "../store/d1/audit.ts";

/** The anchors of an isolate. */
export interface Anchors {
  /** Remembers a head for the next `flush`. */
  note(head: AuditHead): void;
  /** Keeps the newest head noted since. Belongs after the response. Never throws: the clock tries again. */
  flush(): Promise<void>;
  /** All anchors by rising number, in pages. */
  list(): AsyncIterable<readonly Anchor[]>;
}

/** What anchoring needs. */
export interface AnchorsParts {
  readonly store: AnchorStore;
  readonly now: () => Date;
  readonly log: (level: "warn" | "error", message: string, data: Record<string, unknown>) => void;
}

/** Anchors over a store. */
export function createAnchors({ store, now, log }: AnchorsParts): Anchors {
  let noted: AuditHead | undefined;
  // By its hash, not its number: a database that was restored counts the same numbers again.
  let anchored = "";
  return {
    note(head) {
      if (head.seq === 0 || head.hash === anchored) return;
      // Requests that end side by side note out of order.
      if (!noted || head.seq > noted.seq) noted = head;
    },
    async flush() {
      const head = noted;
      noted = undefined;
      if (!head) return;
      try {
        const kept = await store.put(head, now().toISOString());
        anchored = head.hash;
        if (kept !== head.hash) log("error", "the audit differs from its anchor", { seq: head.seq });
      } catch (error) {
        log("warn", "audit not anchored", { seq: head.seq, error: String(error) });
      }
    },
    list: () => store.list(),
  };
}
