/** What does `performance.now` tell? The bridged clock, as `Date.now` does: in a Worker too the origin is 1970. */
import { dateNow } from "./primordials.ts";

export const performanceGlobal = {
  timeOrigin: 0,
  now: () => dateNow(),
};
