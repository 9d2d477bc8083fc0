/** How large are the engine's memory and stack, and what does calling the host cost? Changing a number here changes the engine: run `npm run engine:bump`. */
import type { RewriteOptions } from "./rewrite.ts";

export const SETTINGS: RewriteOptions = {
  // Runtime, context and prelude take about 7 pages of heap; with these they start without growing memory.
  heapPages: 8,
  // 32 MB: the most any limit allows.
  maximumPages: 512,
  // Twice the most that QuickJS is allowed to use of it (`stackBytes` in limits.ts).
  stackBytes: 512 * 1024,
  importCosts: {},
};
