/** Is a value nested deeper than it may be? Asked before JSON.stringify or any other recursion meets hostile data. */

/** Walks level by level: the value may be nested deeper than the stack is. */
export function isDeeperThan(value: unknown, depth: number): boolean {
  let level: unknown[] = [value];
  for (let at = 0; at <= depth; at += 1) {
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []));
    if (level.length === 0) return false;
  }
  return true;
}
