/**
 * Is a title new? Two titles are nearly the same when they share most of their words, or nearly all of those that tell
 * titles apart: without numbers, plural s and the small words of English. Case, accents and order never count. Pure.
 */

/** Shared words in proportion to all words of both, from which on titles count as the same. */
const SAME = { words: 0.75, tellingWords: 0.8 } as const;

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
  return existing.find((other) => {
    const others = toWords(other);
    return share(words.all, others.all) >= SAME.words || share(words.telling, others.telling) >= SAME.tellingWords;
  });
}

function share(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  let shared = 0;
  for (const word of left) if (right.has(word)) shared += 1;
  const all = left.size + right.size - shared;
  return all === 0 ? 0 : shared / all;
}

interface Words {
  readonly all: ReadonlySet<string>;
  readonly telling: ReadonlySet<string>;
}

function toWords(title: string): Words {
  const plain = title
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/['’]s?\b/gu, "")
    .toLowerCase();
  const all = (plain.match(/[\p{L}\p{N}]+/gu) ?? []).flatMap((word) => (UNSPACED.test(word) ? toPairs(word) : [word]));
  const telling = all.filter((word) => !SMALL.has(word) && !/^\p{N}+$/u.test(word));
  return { all: new Set(all), telling: new Set(telling.map(toStem)) };
}

/** Without the plural: tomatoes and tomato, berries and berry, drops and drop. Crude, but the same for both titles. */
function toStem(word: string): string {
  if (word.length <= 3 || word.endsWith("ss")) return word;
  return word.replace(/(?:ies|y)$/, "y").replace(/(?<=o|sh|ch|x|z)es$|(?<!s)s$/, "");
}

function toPairs(word: string): readonly string[] {
  const signs = [...word];
  return signs.length < 2 ? [word] : signs.slice(1).map((sign, i) => `${signs[i]}${sign}`);
}
