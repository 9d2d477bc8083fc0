/**
 * Which flags does this isolate know of? It asks KV at most twice a minute, and never within a page view that came just
 * after another. SECURITY: while KV does not answer, what was off stays off. (tests/host/kill-switch.source.test.ts, "while KV does not answer")
 */
import type { Services } from "../services.ts";
import { SWITCH_LIMITS } from "./limits.ts";
import { within } from "./within.ts";

/** The flags as one isolate knows them. */
export interface FlagWatch {
  /** The scopes that are flagged off; the same list as long as nothing changed. A new generation asks anew. */
  current(generation: number): Promise<readonly string[]>;
}

/** A watch over the flags. */
export function createFlagWatch({ flags, now, log }: Pick<Services, "flags" | "now" | "log">): FlagWatch {
  let known: readonly string[] = [];
  let asked = { at: Number.NEGATIVE_INFINITY, generation: -1 };
  return {
    async current(generation) {
      const at = now().getTime();
      if (generation === asked.generation && Math.abs(at - asked.at) < SWITCH_LIMITS.flagsMs) return known;
      try {
        const read = await within(SWITCH_LIMITS.flagReadMs, flags.read());
        if (read.join("\n") !== known.join("\n")) known = read;
      } catch (error) {
        log("error", "flags unknown", { reason: String(error) });
      }
      asked = { at, generation };
      return known;
    },
  };
}
