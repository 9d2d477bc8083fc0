/**
 * What comes first: an answer of the host, the guest's next timer, or the end of the time it may wait? A timer counts
 * at least its own length, since a platform's clock may stand still.
 */
import type { CallDesk } from "./call-desk.ts";

export interface Waited {
  readonly kind: "answer" | "timer" | "wall";
  /** Milliseconds to take off the wall-clock budget. */
  readonly ms: number;
}

export async function waitFor(
  calls: CallDesk,
  timerMs: number | undefined,
  wallLeft: number,
  now: () => number,
): Promise<Waited> {
  if (calls.isReady()) return { kind: "answer", ms: 0 };
  // Nothing else can come, so there is no point in holding the VM until the budget is gone.
  if (!calls.isBusy() && timerMs !== undefined && timerMs > wallLeft) return { kind: "wall", ms: 0 };
  const started = now();
  const delay = timerMs === undefined ? wallLeft : Math.min(timerMs, wallLeft);
  const isTimer = timerMs !== undefined && timerMs <= wallLeft;
  let timer: unknown;
  const elapsed = new Promise<"elapsed">((resolve) => {
    timer = setTimeout(() => resolve("elapsed"), delay);
  });
  const first = await Promise.race([calls.arrival(), elapsed]);
  clearTimeout(timer);
  const ms = Math.max(0, now() - started);
  if (first !== "elapsed") return ms > wallLeft ? { kind: "wall", ms } : { kind: "answer", ms };
  return isTimer ? { kind: "timer", ms: Math.max(ms, delay) } : { kind: "wall", ms };
}
