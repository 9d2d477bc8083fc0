/** How long after a failure is it tried again? Twice as long each time, up to a most; half of it by chance. Pure. */
import { SCHEDULE_LIMITS } from "./limits.ts";

/** Milliseconds before try number `retry` (1 is the first after a failure). `random` is from 0 to below 1. */
export function backOffMs(retry: number, random: number): number {
  const { first, most } = SCHEDULE_LIMITS.backOffMs;
  const whole = Math.min(most, first * 2 ** (retry - 1));
  return Math.floor(whole / 2 + (whole / 2) * random);
}
