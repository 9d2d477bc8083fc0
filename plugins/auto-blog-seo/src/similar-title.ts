/**
 * Is a title new? Two titles are nearly the same when they share most of their words; case, accents, numbers, plural s and
 * the small words of English do not count. Pure, and independent of the order of words.
 */

/** Shared words in proportion to all words of both, from which on titles count as the same. */
const SAME = 0.7;

const SMALL = new Set(
  (
    "a an the and or of for to in on at by with from your you our my is are be do does how what why when where which that this " +
    "it its can should will not as vs best top guide tips"
  ).split(" "),
);
/** Scripts that write no spaces: each pair of neighbours counts as a word. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** The first of the existing titles that is the same or nearly the same. */
export function findSimilarTitle(title: string, existing: readonly string[]): string | undefined {
  const words = toWords(title);
  return existing.find((other) => isSame(words, toWords(other)));
}

function isSame(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  let shared = 0;
  for (const word of left) if (right.has(word)) shared += 1;
  const all = left.size + right.size - shared;
  return all > 0 && shared / all >= SAME;
}

/** The words that tell titles apart; all of them where a title has no others. */
function toWords(title: string): ReadonlySet<string> {
  const plain = title
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/['’]s?\b/gu, "")
    .toLowerCase();
  const all = (plain.match(/[\p{L}\p{N}]+/gu) ?? []).flatMap((word) => (UNSPACED.test(word) ? toPairs(word) : [word]));
  const telling = all.filter((word) => !SMALL.has(word) && !/^\p{N}+$/u.test(word)).map(toStem);
  return new Set(telling.length > 0 ? telling : all);
}

function toStem(word: string): string {
  return word.length > 3 && word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}

function toPairs(word: string): readonly string[] {
  const signs = [...word];
  return signs.length < 2 ? [word] : signs.slice(1).map((sign, i) => `${signs[i]}${sign}`);
}
