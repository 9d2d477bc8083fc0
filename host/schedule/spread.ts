/**
 * By how much does a schedule come late, so that not all plugins run at the full hour? A fixed number of whole minutes, by
 * whose it is and its name: nobody has to remember it, and it can be told in advance. Pure.
 */
const MINUTE_S = 60;

/** Seconds it comes late: never more than its jitter, nor than half of its shortest interval. */
export function spreadSeconds(
  { plugin, name }: { readonly plugin: string; readonly name: string },
  { jitterSeconds, gapMinutes }: { readonly jitterSeconds: number; readonly gapMinutes: number },
): number {
  const most = Math.min(Math.floor(jitterSeconds / MINUTE_S), Math.floor(gapMinutes / 2));
  return (hash(`${plugin}:${name}`) % (most + 1)) * MINUTE_S;
}

/** FNV-1a of 32 bits: spreads, and protects nothing. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
