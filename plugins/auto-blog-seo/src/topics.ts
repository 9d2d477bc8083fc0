/** What is the next post about? The topics take turns; without any, the model proposes one. Pure. */

/** The topic of a run. */
export interface Pick {
  /** Null where the model is to propose one. */
  readonly topic: string | null;
  /** The cursor once this topic had its turn. */
  readonly next: number;
}

/** The topic at the cursor. A list that became shorter meanwhile simply wraps. */
export function pickTopic(topics: readonly string[], cursor: number): Pick {
  if (topics.length === 0) return { topic: null, next: cursor };
  const at = cursor % topics.length;
  return { topic: topics[at] ?? null, next: (at + 1) % topics.length };
}

/** The topics that come next, for people. */
export function upcomingTopics(
  topics: readonly string[],
  { cursor, count }: { cursor: number; count: number },
): readonly string[] {
  return Array.from({ length: Math.min(count, topics.length) }, (_, i) => topics[(cursor + i) % topics.length] ?? "");
}
