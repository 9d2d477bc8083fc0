/** What time is it, for texts such as "3 minutes ago"? One clock for the page, so that all of them turn together. */
import { useSyncExternalStore } from "react";

const TICK_MS = 10_000;
const listeners = new Set<() => void>();
let ticks = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** Milliseconds since the epoch; whoever asks is drawn anew every ten seconds. */
export function useNow(): number {
  useSyncExternalStore(subscribe, () => ticks);
  // Not the time of the last tick: what happened since would seem to lie ahead.
  return Date.now();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    timer = setInterval(() => {
      ticks += 1;
      for (const each of listeners) each();
    }, TICK_MS);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}
