/**
 * How alike are two short texts, a title and those there are already? By the pairs of neighbouring letters their words
 * share (the Sørensen-Dice coefficient): order of words, case, accents and punctuation do not count. Pure.
 */

/** 0, nothing in common, to 1, the same words; a text without a letter or digit is like none. */
export function toSimilarity(text: string, other: string): number {
  return compare(toPairs(text), toPairs(other));
}

/** The same against many, rounded to thousandths. */
export function toSimilarities(text: string, others: readonly string[]): readonly number[] {
  const pairs = toPairs(text);
  return others.map((other) => Math.round(compare(pairs, toPairs(other)) * 1_000) / 1_000);
}

interface Pairs {
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
}

function compare(a: Pairs, b: Pairs): number {
  if (a.total === 0 || b.total === 0) return 0;
  // The one with fewer is gone through, so that a long text beside many short ones costs what it has characters.
  const [few, many] = a.counts.size < b.counts.size ? [a.counts, b.counts] : [b.counts, a.counts];
  let shared = 0;
  for (const [pair, count] of few) shared += Math.min(count, many.get(pair) ?? 0);
  return (2 * shared) / (a.total + b.total);
}

/** A word of one letter is a pair of its own. */
function toPairs(text: string): Pairs {
  const counts = new Map<string, number>();
  let total = 0;
  for (const word of toWords(text)) {
    const letters = [...word];
    for (let at = 0; at < Math.max(1, letters.length - 1); at += 1) {
      const pair = `${letters[at]}${letters[at + 1] ?? " "}`;
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
      total += 1;
    }
  }
  return { counts, total };
}

function toWords(text: string): readonly string[] {
  return (
    text
      .normalize("NFKD")
      .replace(/\p{M}+/gu, "")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}
