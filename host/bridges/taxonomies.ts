/** `ctx.taxonomies`: categories, tags and what else content is sorted by. Reading only, as in EmDash. */
import { z } from "zod";
import { createContentContext } from "../content/context.ts";
import { listEntryTerms, listTaxonomies, listTerms, type TermQuery } from "../store/d1/taxonomies.ts";
import { idArgument } from "./arguments.ts";
import { defineMethod } from "./define-bridge.ts";
import { orTooLarge } from "./documents.ts";
import { BRIDGE_LIMITS } from "./limits.ts";

const name = z.string().min(1).max(64);
const locale = z.string().max(35).nullish();
const localeOptions = z.strictObject({ locale }).nullish();

function toQuery<Taxonomy extends string | undefined>(
  taxonomy: Taxonomy,
  options: { readonly locale?: string | null | undefined } | null | undefined,
): TermQuery & { readonly taxonomy: Taxonomy } {
  return { taxonomy, locale: options?.locale ?? undefined, maxBytes: BRIDGE_LIMITS.resultBytes };
}

/** How a reader gets less than was too much. */
const FIX = "Ask for one locale, or one taxonomy.";

/** The bridge methods of `ctx.taxonomies`. */
export const taxonomiesMethods = [
  defineMethod({
    name: "taxonomies.getAll",
    capability: "taxonomies:read",
    summary: "Lists the taxonomies, of one locale or of all.",
    args: z.tuple([localeOptions]),
    kind: "data",
    handler: (call, options) => listTaxonomies(call.services.db, options?.locale ?? undefined),
  }),
  defineMethod({
    name: "taxonomies.getTerms",
    capability: "taxonomies:read",
    summary: "Lists the terms of a taxonomy by label, of one locale or of all.",
    args: z.tuple([name, localeOptions]),
    kind: "data",
    handler: async (call, taxonomy, options) =>
      orTooLarge(await listTerms(call.services.db, toQuery(taxonomy, options)), FIX),
  }),
  defineMethod({
    name: "taxonomies.getEntryTerms",
    capability: "taxonomies:read",
    summary: "Lists the terms of an item, of one taxonomy and locale or of all.",
    args: z.tuple([z.string().max(64), idArgument, z.strictObject({ taxonomy: name.nullish(), locale }).nullish()]),
    kind: "data",
    async handler(call, slug, id, options) {
      const collection = await createContentContext(call).toCollection(slug);
      const query = toQuery(options?.taxonomy ?? undefined, options);
      return orTooLarge(await listEntryTerms(call.services.db, collection, id, query), FIX);
    },
  }),
];
