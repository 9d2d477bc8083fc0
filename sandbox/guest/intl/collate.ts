/**
 * Which of two texts comes first? For plain ASCII in English the guest knows, since it is asked at each step of a sort;
 * otherwise the host says.
 */
import { charCodeAt, fromCharCode, indexOf, keys, StringFunction } from "../primordials.ts";
import { ask, type Setting } from "./setting.ts";

/** Printable ASCII in the order of Unicode's collation; letters once, since case decides only between equals. */
const ORDER = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz";

export function collate(setting: Setting, first: unknown, second: unknown): number {
  const a = StringFunction(first);
  const b = StringFunction(second);
  const { locales, options } = setting;
  const isEnglish = locales === "" || locales === "en" || locales === "en-US";
  const known = isEnglish && keys(options).length === 0 ? collateAscii(a, b) : undefined;
  return known ?? (ask("Collator", "compare", setting, [a, b]) as number);
}

/** Undefined when there is more in the texts than printable ASCII. */
function collateAscii(a: string, b: string): number | undefined {
  let byLetter = 0;
  let byCase = 0;
  for (let index = 0; index < a.length || index < b.length; index += 1) {
    const left = weigh(a, index);
    const right = weigh(b, index);
    if (left < 0 || right < 0) return undefined;
    byLetter ||= (left >> 1) - (right >> 1);
    byCase ||= (left & 1) - (right & 1);
  }
  const order = byLetter || byCase;
  return order > 0 ? 1 : order < 0 ? -1 : 0;
}

/** Twice the place in the order, one more for a capital; 0 behind the end, below that for what has no place. */
function weigh(text: string, index: number): number {
  if (index >= text.length) return 0;
  const code = charCodeAt(text, index);
  const isCapital = code >= 65 && code <= 90;
  const place = indexOf(ORDER, isCapital ? fromCharCode(code + 32) : (text[index] as string));
  return place < 0 ? -1 : (place + 1) * 2 + (isCapital ? 1 : 0);
}
