/** How many words has a text? Works without spaces between words, too. Pure. */

/** Scripts that write without spaces count by character. */
const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}]+/gu;

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
