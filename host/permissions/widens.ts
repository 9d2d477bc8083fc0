/** Does a decision give more than the one before it? What is given back counts as more, whoever took it away. Pure. */
import type { Grant } from "./grant.ts";

type Given = Pick<Grant, "allowed" | "targets" | "methods" | "mode" | "paused" | "until">;

/** Whether the row gives anything that the earlier one did not. */
export function isWider(next: Given, before: Given): boolean {
  return (
    (next.allowed && !before.allowed) ||
    (next.mode === "report" && before.mode !== "report") ||
    (before.paused && !next.paused) ||
    (before.until !== null && (next.until === null || next.until > before.until)) ||
    hasMore(next.targets, before.targets) ||
    hasMore(next.methods, before.methods)
  );
}

/** Null is all there are. A name within a pattern counts as more, for it was not decided about by itself. */
function hasMore(next: readonly string[] | null, before: readonly string[] | null): boolean {
  return before !== null && (next === null || next.some((name) => !before.includes(name)));
}
