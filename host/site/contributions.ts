/**
 * Which of the plugins' contributions may stand in a page's head? Each is checked by itself; one that does not fit is left
 * out with a reason, and the others stay. Pure.
 */
import type { PageContribution } from "@bulkhead/sdk";
import { z } from "zod";
import { toSafeHref } from "../content/address.ts";
import { isDeeperThan } from "../content/depth.ts";
import { CONTENT_LIMITS, utf8Bytes } from "../content/limits.ts";
import type { Contribution } from "../hooks/hooks.ts";
import { SITE_LIMITS } from "./limits.ts";
import { toCleanText } from "./text.ts";

/** What was left out, for the log. */
export interface DroppedContribution {
  readonly plugin: string;
  readonly reason: string;
}
/** The contributions that may stand, in the plugins' order. */
export interface CheckedContributions {
  readonly kept: readonly PageContribution[];
  readonly dropped: readonly DroppedContribution[];
}

/**
 * SECURITY: names that act on the browser instead of describing the page. `referrer` would send visitors' full addresses
 * to other sites (tests/site/site.test.ts, "contributions").
 */
const ACTING_NAMES: ReadonlySet<string> = new Set(["referrer", "viewport", "color-scheme", "theme-color"]);

const text = z.string().max(SITE_LIMITS.contributionChars).transform(toCleanText);
const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_:.-]{0,99}$/);
const key = z.string().max(200).optional();
const href = z.string().transform((value, context) => {
  const safe = isAtUri(value) ? value : toSafeHref(value);
  if (safe !== undefined) return safe;
  context.addIssue({ code: "custom", message: "expected an http(s), at or site address" });
  return z.NEVER;
});
const graph = z
  .union([z.record(z.string(), z.unknown()), z.array(z.unknown())])
  .refine(
    (value) =>
      !isDeeperThan(value, CONTENT_LIMITS.depth) && utf8Bytes(JSON.stringify(value)) <= SITE_LIMITS.jsonLdBytes,
    {
      message: `expected at most ${SITE_LIMITS.jsonLdBytes} bytes of JSON, ${CONTENT_LIMITS.depth} levels deep`,
    },
  );

const contributionSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("meta"),
    name: name.refine((value) => !ACTING_NAMES.has(value.toLowerCase()), { message: "this name is the host's" }),
    content: text,
    key,
  }),
  z.object({ kind: z.literal("property"), property: name, content: text, key }),
  z.object({
    kind: z.literal("link"),
    // SECURITY: no stylesheet, preload, manifest or icon: those load or act (tests/site/site.test.ts, "contributions").
    rel: z.enum(["canonical", "alternate", "author", "license", "nlweb", "site.standard.document"]),
    href,
    hreflang: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,35}$/)
      .optional(),
    key,
  }),
  z.object({ kind: z.literal("jsonld"), id: z.string().max(200).optional(), graph }),
]);

/** Checks what `hooks.collect("page:metadata", ...)` gathered. A value is one contribution, a list, or nothing. */
export function checkContributions(collected: readonly Contribution[]): CheckedContributions {
  const kept: PageContribution[] = [];
  const dropped: DroppedContribution[] = [];
  for (const { plugin, value } of collected) {
    const values = Array.isArray(value)
      ? (value as readonly unknown[])
      : value === null || value === undefined
        ? []
        : [value];
    for (const one of values.slice(0, SITE_LIMITS.contributions)) {
      const result = contributionSchema.safeParse(one);
      if (result.success) kept.push(result.data as PageContribution);
      else {
        const [issue] = result.error.issues;
        dropped.push({
          plugin,
          reason: `${issue?.path.join(".") || "contribution"}: ${issue?.message ?? "is not valid"}`,
        });
      }
    }
    if (values.length > SITE_LIMITS.contributions) {
      dropped.push({
        plugin,
        reason: `${values.length} contributions; the first ${SITE_LIMITS.contributions} are taken`,
      });
    }
  }
  return { kept, dropped };
}

function isAtUri(value: string): boolean {
  return /^at:\/\/[A-Za-z0-9.:%/_~-]{1,1000}$/.test(value);
}
