/**
 * What would this write store? Checks a caller's input, and again what the plugins' `content:beforeSave` made of it, by
 * the same rules. Pure but for its HostErrors.
 */
import type { ContentSeo } from "@bulkhead/sdk";
import { HostError, type ProblemIssue } from "../errors.ts";
import type { CollectionDefinition } from "./collection.ts";
import { checkFields, type ContentData } from "./fields.ts";
import { CONTENT_LIMITS } from "./limits.ts";
import { checkSeo } from "./seo.ts";
import { isSluggable, slugify } from "./slug.ts";

/** What callers and plugins may set. */
export interface DraftInput {
  readonly data: ContentData;
  readonly slug?: unknown;
  readonly seo?: unknown;
}

/** The same, checked. */
export interface Draft {
  readonly data: ContentData;
  readonly slug: string | undefined;
  readonly seo: ContentSeo | undefined;
}

/** Where the input came from, for the message. */
export type DraftSource = "caller" | "plugins";

/**
 * @throws HostError CONTENT_INVALID with every fault.
 */
export function toDraft(
  collection: CollectionDefinition,
  input: DraftInput,
  options: { readonly kind: "new" | "change"; readonly source: DraftSource },
): Draft {
  const fields = checkFields(collection, input.data, options);
  const slugFault = input.slug === undefined ? undefined : findSlugFault(input.slug);
  const seo = input.seo === undefined ? undefined : checkSeo(input.seo);
  const issues: ProblemIssue[] = [
    ...(fields.ok ? [] : fields.issues),
    ...(slugFault === undefined ? [] : [{ path: "slug", code: "invalid", message: `"slug" ${slugFault}` }]),
    ...(seo === undefined || seo.ok ? [] : seo.issues),
  ];
  if (issues.length > 0 || !fields.ok) throw toInvalid(collection, issues, options.source);
  return {
    data: fields.data,
    slug: typeof input.slug === "string" ? slugify(input.slug, { maxChars: CONTENT_LIMITS.slugChars }) : undefined,
    seo: seo?.ok ? seo.seo : undefined,
  };
}

/** The refusal for faults. */
export function toInvalid(
  collection: CollectionDefinition,
  issues: readonly ProblemIssue[],
  source: DraftSource = "caller",
): HostError {
  const listed = issues.slice(0, 20);
  const where = source === "plugins" ? ", as a plugin's content:beforeSave returned it" : "";
  const what = listed.map((issue) => issue.message).join("; ");
  return new HostError("CONTENT_INVALID", `Cannot save this ${collection.slug} item${where}: ${what}.`, listed);
}

function findSlugFault(slug: unknown): string | undefined {
  if (typeof slug !== "string") return "is expected to be a text";
  if (slug.length > CONTENT_LIMITS.slugChars) {
    return `has ${slug.length} characters; at most ${CONTENT_LIMITS.slugChars} are allowed`;
  }
  return isSluggable(slug)
    ? undefined
    : `${JSON.stringify(slug)} holds no letter or digit; leave it out to have one made`;
}
