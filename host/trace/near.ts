/**
 * What does the engine mean by a place? It notes places at calls and throws alone. An error of anything else, such as
 * reading a property of null, is reported at the last call before it; a call, at its last argument. The word that it
 * must be about stands nearby.
 */

/** Characters after the reported place in which the property or the variable is looked for. */
const AHEAD = 2_000;
/** Characters before an argument in which the called name is looked for. */
const BEHIND = 200;

// prettier-ignore
const ABOUT: readonly (readonly [RegExp, (word: string) => string])[] = [
  [/^cannot (?:read|set) property '([\w$]{1,80})' of (?:null|undefined)$/, (word) => `(?<=\\.\\s{0,20})${word}(?![\\w$])`],
  [/^([\w$]{1,80}) is not (?:defined|initialized)$/, (word) => `(?<![\\w$.])${word}(?![\\w$])`],
  [/^'([\w$]{1,80})' is read-only$/, (word) => `(?<![\\w$.])${word}(?![\\w$])`],
];

/** The offset of what the message is about, or the one that was reported. */
export function findCulprit(text: string, offset: number, message: string): number {
  for (const [pattern, toSource] of ABOUT) {
    const word = pattern.exec(message)?.[1];
    if (word === undefined) continue;
    const found = text.slice(offset, offset + AHEAD).search(new RegExp(toSource(word.replaceAll("$", "\\$"))));
    if (found >= 0) return offset + found;
  }
  return offset;
}

/** The offset at which a function of this name is called, at the reported place or shortly before it. */
export function findCall(text: string, offset: number, name: string): number | undefined {
  if (!/^[\w$]{1,80}$/.test(name)) return undefined;
  const start = Math.max(0, offset - BEHIND);
  const at = text.slice(start, offset + name.length + 1).lastIndexOf(`${name}(`);
  const isWord = at >= 0 && !/[\w$.]/.test(text.charAt(start + at - 1));
  return isWord ? start + at : undefined;
}
