/** Do an item's SEO fields fit? They stand in `_emdash_seo`, beside the item. Pure. */
import type { ContentSeo } from "@bulkhead/sdk";
import type { ProblemIssue } from "../errors.ts";
import { toSafeSource } from "./address.ts";
import { CONTENT_LIMITS } from "./limits.ts";

/** Most characters by key. */
const TEXTS = {
  title: CONTENT_LIMITS.seoTitleChars,
  description: CONTENT_LIMITS.seoDescriptionChars,
  image: CONTENT_LIMITS.lineChars,
  canonical: CONTENT_LIMITS.lineChars,
} as const;

/** The SEO fields, or every fault. */
export type SeoResult =
  { readonly ok: true; readonly seo: ContentSeo } | { readonly ok: false; readonly issues: readonly ProblemIssue[] };

/** Checks SEO fields as a caller or a plugin gave them. What is not there stays as it is; null clears. */
export function checkSeo(seo: unknown): SeoResult {
  if (typeof seo !== "object" || seo === null || Array.isArray(seo)) {
    return { ok: false, issues: [{ path: "seo", code: "invalid", message: '"seo" is expected to be an object' }] };
  }
  const issues: ProblemIssue[] = [];
  const checked: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(seo)) {
    const fault = findFault(key, value);
    if (fault !== undefined) issues.push({ path: `seo.${key}`, code: "invalid", message: `"seo.${key}" ${fault}` });
    else if (value !== undefined) checked[key] = value;
  }
  return issues.length > 0 ? { ok: false, issues } : { ok: true, seo: checked };
}

function findFault(key: string, value: unknown): string | undefined {
  if (key === "noIndex")
    return typeof value === "boolean" || value === undefined ? undefined : "is expected to be true or false";
  if (!Object.hasOwn(TEXTS, key)) return "is not known. SEO fields are title, description, image, canonical, noIndex";
  if (value === null || value === undefined) return undefined;
  if (typeof value !== "string") return "is expected to be a text or null";
  const most = TEXTS[key as keyof typeof TEXTS];
  if (value.length > most) return `has ${value.length} characters; at most ${most} are allowed`;
  // SECURITY: these two become addresses in every page's head (tests/site/site.test.ts, "stored XSS").
  const isAddress = key === "image" || key === "canonical";
  if (isAddress && value !== "" && toSafeSource(value) === undefined)
    return "is expected to be an http(s) or site address";
  return undefined;
}
