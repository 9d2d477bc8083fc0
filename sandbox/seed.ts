/**
 * Where does the seed of an entry's `Math.random` come from? From the platform's randomness, drawn for many entries at
 * once: a draw costs more than a short entry does. Secrets never come from here.
 */

const SEED_BYTES = 16;
const SEEDS_PER_DRAW = 64;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

const drawn = new Uint8Array(SEED_BYTES * SEEDS_PER_DRAW);
let used = drawn.length;

/** 32 hexadecimal digits that no other entry gets. */
export function createSeed(): string {
  if (used === drawn.length) {
    crypto.getRandomValues(drawn);
    used = 0;
  }
  let seed = "";
  for (const end = used + SEED_BYTES; used < end; used += 1) seed += HEX[drawn[used] ?? 0];
  return seed;
}
