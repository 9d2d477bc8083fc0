/**
 * With what may a plugin answer an address of the site? A text of an inert type, a page of blocks, another path of this
 * site, or nothing. Everything is built anew from what was checked; an answer that does not fit is refused as a whole. Pure.
 */
import { z } from "zod";
import { utf8Bytes } from "../content/limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { SITE_LIMITS } from "./limits.ts";
import { toSafeBlocks, type SafeBlock } from "./safe-blocks.ts";
import { toCleanText } from "./text.ts";

/** An answer that may be sent. */
export type CheckedAnswer =
  | { readonly kind: "none" }
  /** A path with query and fragment, in ASCII. */
  | { readonly kind: "redirect"; readonly to: string }
  | {
      readonly kind: "text";
      readonly contentType: (typeof CONTENT_TYPES)[number];
      readonly body: string;
      readonly status: number;
      readonly lastModified: Date | undefined;
      /** Seconds; undefined: caches ask each time. */
      readonly maxAge: number | undefined;
    }
  | {
      readonly kind: "page";
      readonly title: string;
      readonly description: string | null;
      readonly blocks: readonly SafeBlock[];
    };

/** SECURITY: a list of types that no browser runs; HTML, SVG, style and script are not among them. (tests/host/page-paths.test.ts, "no type that could act") */
export const CONTENT_TYPES = [
  "text/plain",
  "text/csv",
  "text/markdown",
  "text/xml",
  "application/xml",
  "application/rss+xml",
  "application/atom+xml",
  "application/json",
  "application/feed+json",
  "application/manifest+json",
] as const;

const line = (chars: number) =>
  z
    .string()
    .max(chars)
    .transform((text) => toCleanText(text).replace(/\s+/g, " ").trim());

const textSchema = z.strictObject({
  contentType: z.enum(CONTENT_TYPES),
  body: z
    .string()
    .refine((body) => body.length <= SITE_LIMITS.answerBytes && utf8Bytes(body) <= SITE_LIMITS.answerBytes, {
      message: `expected at most ${SITE_LIMITS.answerBytes} bytes`,
    }),
  status: z
    .number()
    .int()
    .refine((status) => status === 200 || (status >= 400 && status <= 599), { message: "expected 200, or 400 to 599" })
    .default(200),
  lastModified: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .optional(),
  maxAge: z.number().int().min(0).max(SITE_LIMITS.answerMaxAge).optional(),
});
const pageSchema = z.strictObject({
  page: z.strictObject({
    title: line(SITE_LIMITS.answerTitleChars).refine((title) => title !== "", { message: "expected a title" }),
    description: line(SITE_LIMITS.answerDescriptionChars).default(""),
    blocks: z.custom<readonly unknown[]>(Array.isArray, { message: "expected a list of blocks" }),
  }),
});
const redirectSchema = z.strictObject({ redirect: z.string().max(SITE_LIMITS.requestUrlChars) });

/** Checks what a handler of `page:request` answered; a reason says what was expected. */
export function parsePathAnswer(value: unknown): Result<CheckedAnswer, string> {
  if (value === null || value === undefined) return ok({ kind: "none" });
  if (typeof value !== "object" || Array.isArray(value)) return fail("expected a text, a page, a redirect or null");
  if ("redirect" in value) {
    const parsed = redirectSchema.safeParse(value);
    const to = parsed.success ? toOwnPath(parsed.data.redirect) : undefined;
    if (!parsed.success) return fail(describe(parsed.error));
    return to === undefined
      ? fail("redirect: expected a path of this site such as /topics/tides")
      : ok({ kind: "redirect", to });
  }
  if ("page" in value) {
    const parsed = pageSchema.safeParse(value);
    if (!parsed.success) return fail(describe(parsed.error));
    const { title, description } = parsed.data.page;
    const blocks = toSafeBlocks(parsed.data.page.blocks);
    const chars = JSON.stringify(blocks).length;
    if (chars > SITE_LIMITS.answerBlockChars)
      return fail(`page.blocks: ${chars} characters as JSON, expected at most ${SITE_LIMITS.answerBlockChars}`);
    return ok({ kind: "page", title, description: description || null, blocks });
  }
  const parsed = textSchema.safeParse(value);
  if (!parsed.success) return fail(describe(parsed.error));
  const { lastModified, maxAge, ...rest } = parsed.data;
  return ok({ kind: "text", ...rest, lastModified, maxAge });
}

const SITE = "https://site.invalid";

/**
 * The path as the parser of browsers reads it; undefined for what leads elsewhere. SECURITY: judged once more after parsing,
 * for `/..//evil.example` becomes `//evil.example`. (tests/host/page-paths.test.ts, "off the site")
 */
function toOwnPath(text: string): string | undefined {
  if (!text.startsWith("/") || /[\p{Cc}\s\\]/u.test(text)) return undefined;
  const url = URL.parse(text, SITE);
  if (url?.origin !== SITE || url.pathname.startsWith("//")) return undefined;
  return `${url.pathname}${url.search}${url.hash}`;
}

function describe(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.join(".") || "answer"}: ${issue?.message ?? "is not valid"}`;
}
