/** How much work is a scan, whatever the code is? At a limit it stops and says so; what was found until then stays. */
export const SCAN_LIMITS = {
  /** Nodes of the syntax tree, which take some 200 bytes each with what is noted of them. Minified code has one for 3 to 5 characters. */
  nodes: 300_000,
  /** Depth of what the parser does within itself: three for a pair of brackets, one for a block. */
  nesting: 750,
  /** Operators in one chain. */
  operators: 3_000,
  /** Characters of a number. */
  numberChars: 1_000,
  /** Steps of following values. */
  steps: 3_000_000,
  /** Times all assignments and calls are gone through. */
  rounds: 16,
  /** Values that are followed in one name. */
  values: 32,
  /** Members of an object literal that are looked through for one name. */
  members: 200,
  /** Scopes around a name that are looked through for it. */
  scopes: 100,
  /** Characters of a name that is put together between brackets. */
  keyChars: 200,
  /** Steps along one chain of members and calls. */
  chain: 40,
  /** Findings of one kind that are listed; the rest is counted. */
  listed: 10,
  /** Characters of a text without a break that is looked at for what it hides. */
  hiddenChars: 256,
  /** Bits for each character of such a text. English has 4.2, minified code 5, base64 nearly 6. */
  entropyBits: 5.6,
  /** The same for one of hexadecimal digits alone, and of the letters of base64 alone. */
  hexBits: 3,
  base64Bits: 5,
  /** Names like `_0x3f2a` before they are a sign. */
  hexNames: 5,
  /** Numbers turned into characters before they are a sign. */
  charCodes: 16,
} as const;
