/**
 * Is this answer a post? A JSON object with every field in shape, long enough, and on no subject the site has already.
 * Nothing is repaired: an answer that misses is refused whole, with the field and what was expected. Pure.
 */
import type { ExistingPosts } from "./existing-posts.ts";
import { toExcerpt } from "./excerpt.ts";
import { findRawHtml } from "./raw-html.ts";
import { fail, ok, type Result } from "./result.ts";
import { findSimilarTitle } from "./similar-title.ts";
import { isObject } from "./wire-format.ts";
import { toWords } from "./words.ts";

/** A post as the model wrote it. */
export interface Article {
  readonly title: string;
  /** Null where the host is to make one from the title. */
  readonly slug: string | null;
  readonly seoTitle: string;
  readonly seoDescription: string;
  readonly excerpt: string;
  readonly markdown: string;
}

/** What an answer must keep to. Wider than what the prompt asks for: a title of 62 characters is no reason to pay twice. */
export const ARTICLE_LIMITS = {
  titleChars: 120,
  slugChars: 80,
  seoTitleChars: 100,
  seoDescriptionChars: 320,
  excerptChars: 600,
  markdownChars: 60_000,
  /** Below this it is a stub, whatever length was asked for. */
  minWords: 120,
  /** Shortest of each line. */
  minLineChars: 5,
} as const;

const FENCE = /^```(?:json)?[ \t]*\r?\n([\s\S]*?)\r?\n?```$/i;
const SLUG = /^[\p{Ll}\p{Lo}\p{N}\p{M}]+(?:-[\p{Ll}\p{Lo}\p{N}\p{M}]+)*$/u;

/** Reads the model's text as an article that is new to the site. */
export function parseArticle(text: string, existing: ExistingPosts): Result<Article> {
  const trimmed = text.trim();
  let json: unknown;
  try {
    json = JSON.parse(FENCE.exec(trimmed)?.[1] ?? trimmed);
  } catch {
    return fail("bad-answer", `the text is not JSON; expected one JSON object. It begins ${toExcerpt(trimmed)}`);
  }
  if (!isObject(json)) return fail("bad-answer", "the text is JSON, but not an object");

  const title = readLine(json, "title", ARTICLE_LIMITS.titleChars);
  if (!title.ok) return title;
  const seoTitle = readLine(json, "seoTitle", ARTICLE_LIMITS.seoTitleChars);
  if (!seoTitle.ok) return seoTitle;
  const seoDescription = readLine(json, "seoDescription", ARTICLE_LIMITS.seoDescriptionChars);
  if (!seoDescription.ok) return seoDescription;
  const excerpt = readLine(json, "excerpt", ARTICLE_LIMITS.excerptChars);
  if (!excerpt.ok) return excerpt;
  const slug = readSlug(json["slug"]);
  if (!slug.ok) return slug;
  const markdown = readMarkdown(json["markdown"]);
  if (!markdown.ok) return markdown;

  const same = findSimilarTitle(title.value, existing.titles);
  if (same !== undefined) {
    return fail(
      "bad-answer",
      `the title ${toExcerpt(title.value)} says the same as the existing ${toExcerpt(same)}. Add topics or change them`,
    );
  }
  if (slug.value !== null && existing.slugs.has(slug.value)) {
    return fail("bad-answer", `another post has the slug "${slug.value}" already. Add topics or change them`);
  }
  return ok({
    title: title.value,
    slug: slug.value,
    seoTitle: seoTitle.value,
    seoDescription: seoDescription.value,
    excerpt: excerpt.value,
    markdown: markdown.value,
  });
}

/** A field of one line of plain text. */
function readLine(json: Readonly<Record<string, unknown>>, key: string, most: number): Result<string> {
  const value = json[key];
  if (typeof value !== "string") return fail("bad-answer", `"${key}" is ${typeName(value)}; expected a text`);
  const line = value.trim();
  if (line.length < ARTICLE_LIMITS.minLineChars || line.length > most) {
    const expected = `expected ${ARTICLE_LIMITS.minLineChars} to ${most}`;
    return fail("bad-answer", `"${key}" has ${line.length} characters; ${expected}`);
  }
  if (/[\p{Cc}\u2028\u2029]/u.test(line)) return fail("bad-answer", `"${key}" has more than one line`);
  return /<\/?[a-z!]/i.test(line) ? fail("bad-answer", `"${key}" has HTML in it; expected plain text`) : ok(line);
}

function readSlug(value: unknown): Result<string | null> {
  if (value === undefined || value === null || value === "") return ok(null);
  if (typeof value === "string" && value.length <= ARTICLE_LIMITS.slugChars && SLUG.test(value)) return ok(value);
  const shown = typeof value === "string" ? toExcerpt(value) : typeName(value);
  const expected = `expected at most ${ARTICLE_LIMITS.slugChars} characters: lower-case words joined by hyphens`;
  return fail("bad-answer", `"slug" is ${shown}; ${expected}`);
}

function readMarkdown(value: unknown): Result<string> {
  if (typeof value !== "string") return fail("bad-answer", `"markdown" is ${typeName(value)}; expected a text`);
  const { markdownChars, minWords } = ARTICLE_LIMITS;
  if (value.length > markdownChars) {
    return fail("bad-answer", `"markdown" has ${value.length} characters; at most ${markdownChars} are taken`);
  }
  if (/(?![\t\n\r])\p{Cc}/u.test(value)) return fail("bad-answer", '"markdown" has control characters in it');
  const tag = findRawHtml(value);
  if (tag !== undefined) return fail("bad-answer", `"markdown" has HTML in it (${tag}>); expected Markdown only`);
  const words = toWords(value).length;
  if (words < minWords) return fail("bad-answer", `"markdown" has ${words} words; expected at least ${minWords}`);
  return ok(value.trim());
}

function typeName(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `of type ${typeof value}`;
}
