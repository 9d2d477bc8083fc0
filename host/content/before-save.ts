/**
 * What do plugins make of a write before it is stored? They see the fields of the write and may change fields, slug and SEO
 * fields; everything else stays the host's, and their result is checked like a caller's.
 */
import type { Hooks } from "../hooks/hooks.ts";
import type { CollectionDefinition } from "./collection.ts";
import { toDraft, type Draft } from "./draft.ts";

/**
 * The draft after every `content:beforeSave` handler.
 *
 * @param options.id of the item that is changed; undefined for a new one. Handlers see it as `content.id`.
 * @throws HostError REFUSED_BY_PLUGIN, or CONTENT_INVALID where a result does not fit the collection.
 */
export async function runBeforeSave(
  hooks: Hooks,
  collection: CollectionDefinition,
  draft: Draft,
  options: { readonly id: string | undefined },
): Promise<Draft> {
  const isNew = options.id === undefined;
  const value = isNew ? { ...draft.data } : { ...draft.data, id: options.id };
  const result = await hooks.filter("content:beforeSave", { collection: collection.slug, isNew }, "content", value);
  // SECURITY: the id, like every other name that is no field, is not a plugin's to change (tests/site/content.test.ts).
  const { id: _, slug, seo, ...data } = result;
  const input = {
    data,
    // EmDash's handlers pass `null` along for what an item does not have.
    ...(slug === undefined || slug === null ? {} : { slug }),
    ...(seo === undefined || seo === null ? {} : { seo }),
  };
  const changed = toDraft(collection, input, { kind: isNew ? "new" : "change", source: "plugins" });
  const mergedSeo = changed.seo ? { ...draft.seo, ...changed.seo } : draft.seo;
  return { data: changed.data, slug: changed.slug ?? draft.slug, seo: mergedSeo };
}
