/** Makes an item. A repeated idempotency key makes none: it returns the item that the first call made, also under a race. */
import type { ContentItem } from "@bulkhead/sdk";
import type { Actor } from "../actor.ts";
import { HostError } from "../errors.ts";
import { readKeyedItem } from "../store/d1/content/idempotency.ts";
import { readItem } from "../store/d1/content/read.ts";
import { insertItem } from "../store/d1/content/write.ts";
import { runBeforeSave } from "./before-save.ts";
import type { CollectionDefinition } from "./collection.ts";
import { toEditor, type ContentContext } from "./context.ts";
import { toDraft, toInvalid } from "./draft.ts";
import { findSizeFault } from "./fields.ts";
import { findFreeSlug } from "./free-slug.ts";
import { CONTENT_LIMITS } from "./limits.ts";
import type { CreateInput } from "./service.ts";
import { slugify } from "./slug.ts";

const LOCALE = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/;

/** See `ContentService.create`. */
export async function createItem(
  context: ContentContext,
  collectionSlug: string,
  input: CreateInput,
  by: Actor,
  options: { readonly idempotencyKey?: string } = {},
): Promise<ContentItem> {
  const { services, hooks } = context;
  const collection = await context.toCollection(collectionSlug);
  const idempotency = toIdempotency(by, options.idempotencyKey);
  if (idempotency) {
    const first = await readFirst(context, collection, idempotency);
    if (first) return first;
  }

  const locale = toLocale(input.locale ?? services.site.locale);
  const asked = toDraft(collection, input, { kind: "new", source: "caller" });
  const draft = await runBeforeSave(hooks, collection, asked, { id: undefined });
  const sizeFault = findSizeFault(draft.data);
  if (sizeFault) throw toInvalid(collection, [sizeFault]);

  const id = services.newId();
  const wanted = draft.slug ?? slugify(toTitle(draft.data));
  const at = services.now().toISOString();
  for (let attempt = 0; attempt < CONTENT_LIMITS.writeAttempts; attempt += 1) {
    const slug = await findFreeSlug(services, collection, { id, slug: wanted, locale });
    const result = await insertItem(services.db, collection, {
      id,
      revisionId: services.newId(),
      slug,
      locale,
      data: draft.data,
      seo: draft.seo,
      at,
      publishedAt: input.publish === true ? at : null,
      authorId: by.kind === "user" ? by.id : null,
      editor: toEditor(by),
      idempotency,
    });
    if (result.kind === "written") {
      const content = result.stored.item;
      hooks.action("content:afterSave", { content, collection: collection.slug, isNew: true });
      if (input.publish === true) hooks.action("content:afterPublish", { content, collection: collection.slug });
      return content;
    }
    if (result.kind === "not-unique") throw toNotUnique(collection, result.columns);
    if (result.kind === "key-used" && idempotency) {
      const first = await readFirst(context, collection, idempotency);
      if (first) return first;
    }
  }
  throw new HostError(
    "CONFLICT",
    `Cannot save this ${collection.slug} item: others kept taking the slug "${wanted}". Try again.`,
  );
}

/** The refusal for a field that must be unique. */
export function toNotUnique(collection: CollectionDefinition, columns: string): HostError {
  return toInvalid(collection, [
    {
      path: "data",
      code: "not_unique",
      message: `another item has the same value in ${columns}, which must be unique`,
    },
  ]);
}

interface Idempotency {
  readonly owner: string;
  readonly key: string;
}

/** Whose key it is: a plugin's under its id, anybody else's under a name that no plugin's id can be. */
function toIdempotency(by: Actor, key: string | undefined): Idempotency | undefined {
  if (key === undefined) return undefined;
  if (key.length === 0 || key.length > CONTENT_LIMITS.idempotencyKeyChars) {
    const most = CONTENT_LIMITS.idempotencyKeyChars;
    throw new HostError("BAD_REQUEST", `The idempotency key has ${key.length} characters; expected 1 to ${most}.`);
  }
  return { owner: by.kind === "plugin" ? by.id : `@${by.kind}:${by.id}`, key };
}

async function readFirst(
  { services }: ContentContext,
  collection: CollectionDefinition,
  { owner, key }: Idempotency,
): Promise<ContentItem | undefined> {
  const keyed = await readKeyedItem(services.db, owner, key);
  if (!keyed) return undefined;
  if (keyed.collection !== collection.slug) {
    throw new HostError(
      "CONFLICT",
      `The idempotency key "${key}" made an item of ${keyed.collection} before. Use another key.`,
    );
  }
  const stored = await readItem(services.db, collection, keyed.id);
  if (stored) return stored.item;
  // Making it again would bring back what a person has deleted.
  throw new HostError("CONFLICT", `The idempotency key "${key}" made an item that was deleted since. Use another key.`);
}

function toLocale(locale: string): string {
  if (LOCALE.test(locale)) return locale;
  throw new HostError(
    "BAD_REQUEST",
    `Cannot use the locale ${JSON.stringify(locale.slice(0, 80))}: expected one such as "en" or "pt-BR".`,
  );
}

function toTitle(data: Readonly<Record<string, unknown>>): string {
  const title = data["title"] ?? data["name"];
  return typeof title === "string" ? title : "";
}
