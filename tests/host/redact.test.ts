/** Is nothing of a secret left in what comes back, and is what comes back bounded? */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redact, redactBytes } from "../../host/bridges/redact.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const bytes = (text: string, values: readonly string[], most = 1_000) => {
  const clean = redactBytes(encode(text), values, most);
  return clean && new TextDecoder().decode(clean);
};

describe("redacting", () => {
  it.each([
    ["nothing", "abc", ["x"], "abc"],
    ["no values", "abc", [], "abc"],
    ["an empty value", "abc", [""], "abc"],
    ["one", "a key b", ["key"], "a [redacted] b"],
    ["at both ends", "key a key", ["key"], "[redacted] a [redacted]"],
    ["all of it", "key", ["key"], "[redacted]"],
    ["repeated", "keykeykey", ["key"], "[redacted]"],
    ["one that overlaps itself", "ababab", ["abab"], "[redacted]"],
    ["one that begins another", "x abcdef y", ["abc", "abcdef"], "x [redacted] y"],
    ["one that ends another", "x abcdef y", ["def", "abcdef"], "x [redacted] y"],
    ["two that overlap", "x abcdef y", ["abcd", "cdef"], "x [redacted] y"],
    ["one in the words for another", "x key redacted", ["key", "redacted"], "x [redacted] [redacted]"],
    ["one that is no ASCII", "ä schlüssel ö", ["schlüssel"], "ä [redacted] ö"],
    ["what only begins like one", "kekekey", ["key"], "keke[redacted]"],
    ["what breaks off", "a ke", ["key"], "a ke"],
    ["patterns that mean something to a replacement", "a $& b", ["$&"], "a [redacted] b"],
  ] as const)("%s", (_, text, values, clean) => {
    expect(redact(text, values)).toBe(clean);
    expect(bytes(text, values)).toBe(clean);
  });

  it("leaves no value, wherever and however often they stand, in text and bytes alike", () => {
    const value = fc.stringMatching(/^[abk]{2,5}$/);
    fc.assert(
      fc.property(fc.stringMatching(/^[abk.]{0,60}$/), fc.array(value, { maxLength: 3 }), (text, values) => {
        const clean = redact(text, values);
        for (const each of values) expect(clean.replaceAll("[redacted]", "|")).not.toContain(each);
        expect(bytes(text, values)).toBe(clean);
      }),
      { numRuns: 2_000 },
    );
  });

  it("does not make a body larger than the cap", () => {
    expect(bytes("k.".repeat(100), ["k"], 1_099)).toBeUndefined();
    expect(bytes("k.".repeat(100), ["k"], 1_100)).toHaveLength(1_100);
  });
});
