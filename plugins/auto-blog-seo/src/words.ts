/** How many words has a text, and do two titles say the same? Works without spaces between words, too. Pure. */

/** Scripts that write without spaces count by character. */
const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}]+/gu;

/** Share of words in common from which two titles count as one. */
const SAME_SHARE = 0.75;

/** The words of a text, in lower case and without accents. */
export function toWords(text: string): readonly string[] {
  return (
    text
      .normalize("NFKD")
      .replace(/\p{M}+/gu, "")
      .toLowerCase()
      .match(WORD) ?? []
  );
}

/** A title that says the same, or undefined. */
export function findSameTitle(title: string, titles: readonly string[]): string | undefined {
  const wanted = new Set(toWords(title));
  return titles.find((other) => isSame(wanted, new Set(toWords(other))));
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const common = [...a].filter((word) => b.has(word)).length;
  const all = a.size + b.size - common;
  return all > 0 && common / all >= SAME_SHARE;
}
