/**
 * How large are the engine's memory and stack, and what does calling the host cost? A change here makes another engine:
 * run `npm run engine:bump`.
 */
import type { RewriteOptions } from "./rewrite.ts";

export const SETTINGS: RewriteOptions = {
  // Runtime, context and prelude take 450 KB, 7 pages: they start without growing memory.
  heapPages: 8,
  // 32 MB: the most that any limit allows.
  maximumPages: 512,
  // Twice what QuickJS may use of it (`stackBytes` in limits.ts).
  stackBytes: 512 * 1024,
  importCosts: {
    // fd_write: takes up to a kilobyte of text apart, character by character.
    c: 1024,
    // _localtime_js: makes a date and reads its parts, half a microsecond.
    m: 128,
  },
  entryCosts: {
    // malloc: with what is done to the block and its end, as much as a few steps of bytecode.
    v: 4,
  },
};
