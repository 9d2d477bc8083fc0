/**
 * Which address name does a text get? Letters and digits of any script in lower case, joined by single hyphens; Latin
 * letters lose their accents. Never empty, and the same for the same text.
 */
import { CONTENT_LIMITS } from "./limits.ts";

/** What a text without a letter or digit becomes. */
const FALLBACK = "untitled";

/** Latin letters that Unicode does not decompose. */
const FOLDED: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  þ: "th",
  ł: "l",
  ħ: "h",
  ı: "i",
};

/**
 * An address name for a text: `Crème brûlée!` gives `creme-brulee`, `Привет, мир` gives `привет-мир`.
 *
 * @param options.maxChars most characters, cut at a hyphen where one is near. Default `CONTENT_LIMITS.madeSlugChars`.
 */
export function slugify(text: string, options: { readonly maxChars?: number } = {}): string {
  const folded = text
    // A slug is a few words; what a hostile text holds beyond them need not be normalised.
    .slice(0, 10_000)
    .normalize("NFKD")
    .replace(/(\p{Script=Latin})\p{M}+/gu, "$1")
    .normalize("NFC")
    .toLowerCase()
    .replace(/[ßæœøđðþłħı]/g, (letter) => FOLDED[letter] ?? letter)
    .replace(/['’ʼ]/g, "");
  const words = folded.match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu) ?? [];
  return shorten(words.join("-"), options.maxChars ?? CONTENT_LIMITS.madeSlugChars) || FALLBACK;
}

/** Whether a text has anything to make a slug of. */
export function isSluggable(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

/**
 * The first of `slug`, `slug-2`, `slug-3` ... that is not taken.
 *
 * @param taken slugs in use; those that do not begin with `slug` do not matter.
 */
export function toFreeSlug(slug: string, taken: ReadonlySet<string>): string {
  if (!taken.has(slug)) return slug;
  // At most taken.size of the candidates can be taken, so the loop ends.
  for (let count = 2; ; count += 1) {
    const suffix = `-${count}`;
    const candidate = `${shorten(slug, CONTENT_LIMITS.slugChars - suffix.length)}${suffix}`;
    if (!taken.has(candidate)) return candidate;
  }
}

function shorten(slug: string, maxChars: number): string {
  if (slug.length <= maxChars) return slug;
  const cut = slug.slice(0, maxChars);
  const hyphen = cut.lastIndexOf("-");
  // Half a word is worse than one word less, but a single long word must be cut somewhere.
  const kept = hyphen > maxChars / 2 && slug[maxChars] !== "-" ? cut.slice(0, hyphen) : cut;
  // A cut between the halves of a surrogate pair or before a mark would leave an invalid character.
  return kept.replace(/[\uD800-\uDBFF]$/, "").replace(/-+$/, "");
}
