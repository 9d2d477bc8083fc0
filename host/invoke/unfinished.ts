/**
 * What became of an invocation whose row was written ahead and never replaced? As long as one may take it is running; from
 * then on it did not finish: its Worker stopped, or could not write its end. Pure.
 */

/** Milliseconds after which none is running any more: longer than any request of plugins may last. */
export const UNFINISHED_AFTER_MS = 15 * 60_000;

/** Whether a row that says `started` since `at` tells of one that is still running. */
export function isRunning(at: string, now: Date): boolean {
  return Date.parse(at) >= now.getTime() - UNFINISHED_AFTER_MS;
}

/** Why there is no end, in words; `outside` is what it was about to do. */
export function describeUnfinished(outside: string | null): string {
  const doing = outside === null ? "" : ` It was about to do this, and may have: ${outside}.`;
  return `It did not finish: the Worker stopped meanwhile, or could not write down its end.${doing}`;
}
