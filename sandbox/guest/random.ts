/**
 * Where does `Math.random` come from? From a generator (sfc32) that the host seeds anew for each entry, so two visitors
 * never draw alike; at top level it throws. It is not for secrets: `crypto` asks the host instead.
 */
import { assertInEntry } from "./phase.ts";
import { charCodeAt } from "./primordials.ts";

let a = 0;
let b = 0;
let c = 0;
let d = 1;

/** A seed nobody has drawn from yet: most entries never do, and reading it is a good part of a short one. */
let pending = "";

/** @param seed 32 hexadecimal digits. */
export function seedRandom(seed: string): void {
  pending = seed;
}

function readSeed(seed: string): void {
  pending = "";
  a = word(seed, 0);
  b = word(seed, 8);
  c = word(seed, 16);
  d = word(seed, 24);
  for (let round = 0; round < 12; round += 1) next();
}

export function random(): number {
  assertInEntry("Math.random");
  if (pending !== "") readSeed(pending);
  return ((next() >>> 5) * 67_108_864 + (next() >>> 6)) / 9_007_199_254_740_992;
}

function next(): number {
  const sum = (((a + b) | 0) + d) | 0;
  d = (d + 1) | 0;
  a = b ^ (b >>> 9);
  b = (c + (c << 3)) | 0;
  c = ((c << 21) | (c >>> 11)) + sum;
  c |= 0;
  return sum >>> 0;
}

function word(hex: string, start: number): number {
  let value = 0;
  for (let index = start; index < start + 8; index += 1) {
    const code = charCodeAt(hex, index);
    value = (value << 4) | (code > 57 ? code - 87 : code - 48);
  }
  return value;
}
