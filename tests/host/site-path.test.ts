/** Which addresses may a plugin ask for, which paths does one stand for, and do two of them meet? Pure, judged by trying out. */
import { isSitePath, matchesSitePath, SITE_PATH_CHARS, SITE_PATH_WORD_CHARS, sitePathsCollide } from "@bulkhead/sdk";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("an address that may be asked for", () => {
  it.each([
    "/llms.txt",
    "/sitemap.xml",
    "/robots.txt",
    "/manifest.webmanifest",
    "/guides/start",
    "/topics/*",
    "/sitemap-*.xml",
    "/*.txt",
    "/*-guide",
    "/posts/*",
    "/apis/*",
    "/administrator",
    "/media-kit",
    `/${"a".repeat(SITE_PATH_CHARS - 1)}`,
  ])("is %s", (path) => expect(isSitePath(path)).toBe(true));

  it.each([
    "",
    "/",
    "*",
    "/*",
    "llms.txt",
    "/a/",
    "//a",
    "/a//b",
    "/A.txt",
    "/a b",
    "/a.b.c",
    "/.txt",
    "/.well-known/x",
    "/..",
    "/../x",
    "/a/../b",
    "/a%2fb",
    "/ä",
    "/a?b",
    "/a#b",
    "/a\n",
    "/a\\b",
    "/a*b*",
    "/*/a",
    "/a.*",
    "/**",
    "/_x",
    "/_emdash",
    "/_emdash/x",
    "/api",
    "/api/x",
    "/api/*",
    "/admin",
    "/admin/x",
    "/media/x.png",
    "/media/*",
    "/docs",
    "/docs/*",
    "/cdn-cgi/x",
    "/a*",
    "/*i",
    "/ad*in",
    "/*-cgi",
    "/*emdash",
    "/site.css",
    "/*.css",
    "/favicon.ico",
    "/fav*.ico",
    `/${"a".repeat(SITE_PATH_CHARS)}`,
  ])("is not %j", (path) => expect(isSitePath(path)).toBe(false));
});

describe("a star", () => {
  it.each([
    ["/topics/*", "/topics/tides", true],
    ["/topics/*", "/topics/t", true],
    ["/topics/*", `/topics/${"t".repeat(SITE_PATH_WORD_CHARS)}`, true],
    ["/topics/*", `/topics/${"t".repeat(SITE_PATH_WORD_CHARS + 1)}`, false],
    ["/topics/*", "/topics/", false],
    ["/topics/*", "/topics", false],
    ["/topics/*", "/topics/a/b", false],
    ["/topics/*", "/topics/a.xml", false],
    ["/topics/*", "/topics/A", false],
    ["/topics/*", "/topics/*", false],
    ["/topics/*", "/topics/a%2fb", false],
    ["/sitemap-*.xml", "/sitemap-1.xml", true],
    ["/sitemap-*.xml", "/sitemap-.xml", false],
    ["/sitemap-*.xml", "/sitemap-1.xml.xml", false],
    ["/a*a", "/aa", false],
    ["/a*a", "/aaa", true],
    ["/llms.txt", "/llmsxtxt", false],
    ["/llms.txt", "/llms.txt", true],
  ])("%s for %s: %s", (name, path, expected) => expect(matchesSitePath(name, path)).toBe(expected));
});

describe("two addresses meet", () => {
  it.each([
    ["/a", "/a", true],
    ["/a", "/b", false],
    ["/topics/*", "/topics/tides", true],
    ["/topics/*", "/topics/tides.xml", false],
    ["/topics/*", "/topics/*", true],
    ["/topics/*", "/topics/a*", true],
    ["/topics/*", "/other/*", false],
    ["/t/a*", "/t/b*", false],
    ["/t/a*", "/t/*b", true],
    ["/t/ab*", "/t/*bc", true],
    ["/t/*-x", "/t/*-y", false],
    ["/sitemap-*.xml", "/sitemap-*.txt", false],
    ["/sitemap-*.xml", "/*.xml", true],
    ["/sitemap-*.xml", "/sitemap.xml", false],
    // A star holds no more than 64 characters of the other's.
    [`/t/${"a".repeat(64)}*`, "/t/*b", true],
    [`/t/${"a".repeat(65)}*`, "/t/*b", false],
    [`/t/${"a".repeat(60)}*`, `/t/*${"b".repeat(60)}`, true],
    // Too long one after the other; the end of one is the beginning of the other.
    [`/t/${"a".repeat(70)}*`, `/t/*${"b".repeat(70)}`, false],
    [`/t/${"a".repeat(70)}*`, `/t/*${"a".repeat(70)}`, true],
  ])("%s and %s: %s", (one, other, expected) => {
    expect([sitePathsCollide(one, other), sitePathsCollide(other, one)]).toEqual([expected, expected]);
  });

  /** Names of few letters, so that many of them meet. */
  const word = (chars: string, maxLength: number) => fc.string({ unit: fc.constantFrom(...chars), maxLength });
  const name = fc
    .tuple(
      fc.constantFrom("/", "/t/"),
      word("ab", 2),
      fc.constantFrom("", "*"),
      word("ab", 2),
      fc.constantFrom("", ".x"),
    )
    .map((parts) => parts.join(""));
  const words = (length: number): readonly string[] =>
    length === 0 ? [""] : words(length - 1).flatMap((rest) => ["a", "b"].map((char) => char + rest));
  // Two names of at most 2 letters around a star have a path of 5 letters in common, or none.
  const paths = ["/", "/t/"].flatMap((folder) =>
    [1, 2, 3, 4, 5].flatMap(words).flatMap((text) => ["", ".x"].map((end) => `${folder}${text}${end}`)),
  );

  it("exactly where a path can be found that both stand for", () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        const both = paths.filter((path) => matchesSitePath(one, path) && matchesSitePath(other, path));
        const isName = [one, other].every((text) => paths.some((path) => matchesSitePath(text, path)));
        fc.pre(isName);
        expect({ one, other, meet: sitePathsCollide(one, other) }).toEqual({ one, other, meet: both.length > 0 });
      }),
      { numRuns: 3_000 },
    );
  });

  it("always where a path was made of both, however long", () => {
    const part = word("ab-_0", 40);
    fc.assert(
      fc.property(
        part,
        part,
        part,
        part,
        fc.string({ unit: fc.constantFrom(..."ab-_0"), minLength: 1, maxLength: 64 }),
        (a, b, c, d, text) => {
          const path = `/t/${text}`;
          const at = (head: string, tail: string) => `/t/${head}*${tail}`;
          const cut = (head: string, tail: string) =>
            at(text.slice(0, head.length), tail.length === 0 ? "" : text.slice(-tail.length));
          const [one, other] = [cut(a, b), cut(c, d)];
          fc.pre(matchesSitePath(one, path) && matchesSitePath(other, path));
          expect({ one, other, meet: sitePathsCollide(one, other) }).toEqual({ one, other, meet: true });
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
