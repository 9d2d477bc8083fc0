/**
 * Which word does the engine mean by a place? It names the bracket that opens a call's arguments, and the dot before a
 * property; the word stands beside it. A call that a function returns is named by its `return`.
 */

/** Characters on either side in which a word is looked for. */
const NEAR = 200;
const BEFORE_CALL = /[\p{ID_Continue}$]+[ \t]*(?:\?\.)?[ \t]*$/u;
const BEFORE_PROPERTY = /^\??\.[ \t]*(?=[#$\p{ID_Continue}])/u;

/** The offset, in the same line, of the name that is called or read; the one that was reported where there is none. */
export function findWord(text: string, offset: number): number {
  if (/[(`]/.test(text.charAt(offset))) {
    const word = BEFORE_CALL.exec(text.slice(Math.max(0, offset - NEAR), offset));
    return word ? offset - word[0].length : offset;
  }
  const dot = BEFORE_PROPERTY.exec(text.slice(offset, offset + NEAR));
  return dot ? offset + dot[0].length : offset;
}

/** The offset at which a function of this name is called, at the reported place or, returned, after it in that line. */
export function findCall(text: string, offset: number, name: string): number | undefined {
  const word = findWord(text, offset);
  if (!/^[\w$]{1,80}$/.test(name)) return undefined;
  if (text.startsWith(name, word) && !/[\w$]/.test(text.charAt(word + name.length))) return word;
  if (!text.startsWith("return", offset)) return undefined;
  const [line = ""] = text.slice(offset, offset + NEAR).split("\n");
  const at = line.search(new RegExp(`(?<![\\w$.])${name.replaceAll("$", "\\$")}\\(`));
  return at < 0 ? undefined : offset + at;
}
