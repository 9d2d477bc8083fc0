/**
 * What does an address in `bulkhead.page.paths` stand for? One path of the site or, with one `*` in its last part, every
 * path that has a word there. Manifest, grant and router read it with the same functions, so that none of them sees more
 * in it than the others. Pure.
 */

/** Longest text of an address. */
export const SITE_PATH_CHARS = 128;
/** Most characters that `*` stands for: lower-case letters, digits, `_` and `-`, at least one. */
export const SITE_PATH_WORD_CHARS = 64;

/** The first parts of the host's own addresses. */
const RESERVED_PARTS = ["api", "admin", "media", "docs", "_emdash", "cdn-cgi"];
/** What is no plugin's: these, and whatever is below the first of them. */
const RESERVED = [...RESERVED_PARTS.map((part) => `/${part}`), "/site.css", "/favicon.ico"];

/** What is expected where a text is no such address. */
export const SITE_PATH_WORDS = `Expected an address of the site such as /llms.txt, /topics/* or /sitemap-*.xml: lower-case letters, digits, - and _, one * at most, in the last part. The host's own are ${RESERVED.join(", ")}`;

const PATH = /^((?:\/[a-z0-9][a-z0-9_-]*)*\/)((?:[a-z0-9][a-z0-9_-]*)?)(?:(\*)([a-z0-9_-]*))?((?:\.[a-z0-9]{1,11})?)$/;
const WORD = new RegExp(`^[a-z0-9_-]{1,${SITE_PATH_WORD_CHARS}}$`);

interface SitePath {
  /** Up to the last slash, which it has. */
  readonly folder: string;
  /** Before the star, after it, and from the dot on. */
  readonly head: string;
  readonly tail: string;
  readonly extension: string;
  readonly isPattern: boolean;
}

/** Whether the text is an address that a plugin may ask for. */
export function isSitePath(text: string): boolean {
  if (text.length > SITE_PATH_CHARS || !parse(text)) return false;
  const isBelow = RESERVED_PARTS.some((part) => text.startsWith(`/${part}/`));
  return !isBelow && !RESERVED.some((path) => matchesSitePath(text, path));
}

/** Whether the path of a request is the address, or one of those it stands for. */
export function matchesSitePath(name: string, path: string): boolean {
  const pattern = parse(name);
  if (!pattern?.isPattern) return name === path;
  const start = `${pattern.folder}${pattern.head}`;
  const end = `${pattern.tail}${pattern.extension}`;
  if (!path.startsWith(start) || !path.endsWith(end)) return false;
  return path.length > start.length + end.length && WORD.test(path.slice(start.length, path.length - end.length));
}

/** Whether there is a path that both stand for. */
export function sitePathsCollide(one: string, other: string): boolean {
  const [a, b] = [parse(one), parse(other)];
  if (!a?.isPattern) return matchesSitePath(other, one);
  if (!b?.isPattern) return matchesSitePath(one, other);
  if (a.folder !== b.folder || a.extension !== b.extension) return false;
  const head = a.head.length > b.head.length ? a.head : b.head;
  const tail = a.tail.length > b.tail.length ? a.tail : b.tail;
  const areAlike = [a, b].every((each) => head.startsWith(each.head) && tail.endsWith(each.tail));
  if (!areAlike) return false;
  const fixed = [a, b].map((each) => each.head.length + each.tail.length);
  const most = Math.min(...fixed) + SITE_PATH_WORD_CHARS;
  for (let length = Math.max(...fixed) + 1; length <= most; length += 1) {
    // In a short one the end of the head is the beginning of the tail.
    const shared = head.length + tail.length - length;
    if (shared <= 0 || head.endsWith(tail.slice(0, shared))) return true;
  }
  return false;
}

function parse(text: string): SitePath | undefined {
  const [, folder = "", head = "", star, tail = "", extension = ""] = PATH.exec(text) ?? [];
  if (folder === "" || (head === "" && star === undefined)) return undefined;
  return { folder, head, tail, extension, isPattern: star !== undefined };
}
