/** `ctx.content`: the site's content through the same service people use; other plugins' hooks see every save. */
import { z } from "zod";
import { CONTENT_LIMITS } from "../content/limits.ts";
import { toPublicPath } from "../site/address.ts";
import { pageLimit } from "./arguments.ts";
import { createContent } from "../content/content.ts";
import type { ContentService } from "../content/service.ts";
import { defineMethod, type BridgeCall } from "./define-bridge.ts";
import { BRIDGE_LIMITS } from "./limits.ts";

/** Its saves run the hooks of other plugins; its statements count for the plugin. */
function contentOf({ services, hooks }: BridgeCall): ContentService {
  return createContent({ services, hooks });
}

const collection = z.string().max(64);
const id = z.string().min(1).max(64);
const direction = z.enum(["asc", "desc"]);
const seoSchema = z.strictObject({
  title: z.string().nullish(),
  description: z.string().nullish(),
  image: z.string().nullish(),
  canonical: z.string().nullish(),
  noIndex: z.boolean().optional(),
});
const bound = z.union([z.string(), z.number()]).optional();
/** How many there may be, and of which type, is the content service's to say. */
const fieldFilters = z.record(
  z.string(),
  z.union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.strictObject({ in: z.array(z.union([z.string(), z.number(), z.boolean()])) }),
    z.strictObject({ gt: bound, gte: bound, lt: bound, lte: bound }).transform(withoutUndefined),
  ]),
);
/** `slug` and `seo` stand among the fields, as in EmDash. */
const inputSchema = z
  .object({ slug: z.string().optional(), seo: seoSchema.optional() })
  .catchall(z.unknown())
  .transform(({ slug, seo, ...data }) => ({
    data,
    ...(slug === undefined ? {} : { slug }),
    ...(seo === undefined ? {} : { seo: withoutUndefined(seo) }),
  }));

function withoutUndefined<Value extends object>(
  value: Value,
): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [Key in keyof Value]: Exclude<Value[Key], undefined>;
  };
}

/** The bridge methods of `ctx.content`. */
export const contentMethods = [
  defineMethod({
    name: "content.get",
    capability: "content:read",
    summary: "Reads an item, or null.",
    args: z.tuple([collection, id]),
    target: (name) => name,
    kind: "data",
    handler: (call, name, item) => contentOf(call).get(name, item),
  }),
  defineMethod({
    name: "content.list",
    capability: "content:read",
    summary: "Lists items, newest first unless ordered otherwise.",
    args: z.tuple([
      collection,
      z
        .strictObject({
          limit: z
            .number()
            .int()
            .min(1)
            // EmDash gives what it has instead of refusing.
            .transform((limit) => Math.min(limit, CONTENT_LIMITS.maxPageItems))
            .default(CONTENT_LIMITS.pluginPageItems),
          cursor: z.string().max(2_000).nullish(),
          orderBy: z.record(z.string(), direction).optional(),
          where: z
            .strictObject({
              status: z.string().optional(),
              locale: z.string().optional(),
              fieldFilters: fieldFilters.optional(),
            })
            .optional(),
        })
        .nullish(),
    ]),
    target: (name) => name,
    kind: "data",
    handler: (call, name, options) => {
      const { limit = CONTENT_LIMITS.pluginPageItems, cursor, orderBy, where } = options ?? {};
      return contentOf(call).list(name, {
        limit,
        ...(typeof cursor === "string" ? { cursor } : {}),
        ...(orderBy === undefined ? {} : { orderBy }),
        ...(where?.status === undefined ? {} : { status: where.status }),
        ...(where?.locale === undefined ? {} : { locale: where.locale }),
        ...(where?.fieldFilters === undefined ? {} : { fieldFilters: where.fieldFilters }),
      });
    },
  }),
  defineMethod({
    name: "content.create",
    capability: "content:write",
    summary: "Creates an item: post, revision, SEO and, where asked and granted, publication in one batch.",
    args: z.tuple([
      collection,
      inputSchema,
      z
        .strictObject({
          locale: z.string().max(35).optional(),
          idempotencyKey: z.string().min(1).max(200).optional(),
          publish: z.boolean().optional(),
        })
        .nullish(),
    ]),
    target: (name) => name,
    kind: "data",
    writes: true,
    async handler(call, name, input, options) {
      // `publish: true` is a power of its own, beside the method's.
      if (options?.publish) await call.gate.assert({ capability: "content:publish", target: name });
      return contentOf(call).create(
        name,
        {
          ...input,
          ...(options?.locale === undefined ? {} : { locale: options.locale }),
          ...(options?.publish === undefined ? {} : { publish: options.publish }),
        },
        call.actor,
        options?.idempotencyKey === undefined ? {} : { idempotencyKey: options.idempotencyKey },
      );
    },
  }),
  defineMethod({
    name: "content.update",
    capability: "content:write",
    summary: "Changes fields, slug or SEO of an item.",
    args: z.tuple([collection, id, inputSchema]),
    target: (name) => name,
    kind: "data",
    writes: true,
    handler: (call, name, item, input) => contentOf(call).update(name, item, input, call.actor),
  }),
  defineMethod({
    name: "content.delete",
    capability: "content:write",
    summary: "Moves an item to the trash; answers whether there was one.",
    args: z.tuple([collection, id]),
    target: (name) => name,
    kind: "data",
    writes: true,
    handler: (call, name, item) => contentOf(call).delete(name, item, call.actor),
  }),
  defineMethod({
    name: "content.publish",
    capability: "content:publish",
    summary: "Publishes an item.",
    args: z.tuple([collection, id]),
    target: (name) => name,
    kind: "data",
    writes: true,
    handler: (call, name, item) => contentOf(call).publish(name, item, call.actor),
  }),
  defineMethod({
    name: "content.unpublish",
    capability: "content:publish",
    summary: "Takes an item off the site.",
    args: z.tuple([collection, id]),
    target: (name) => name,
    kind: "data",
    writes: true,
    handler: (call, name, item) => contentOf(call).unpublish(name, item, call.actor),
  }),
  defineMethod({
    name: "content.getTranslations",
    capability: "content:read",
    summary: "Lists in which languages an item is there.",
    args: z.tuple([collection, id]),
    target: (name) => name,
    kind: "data",
    handler: (call, name, item) => contentOf(call).getTranslations(name, item),
  }),
  defineMethod({
    name: "content.getPublicUrl",
    capability: "content:read",
    summary: "Makes the address at which visitors find an item, or null where they do not.",
    args: z.tuple([collection, id]),
    target: (name) => name,
    kind: "data",
    async handler(call, name, item) {
      const found = await contentOf(call).get(name, item);
      const path = found ? toPublicPath(found, call.services.site.locale) : undefined;
      return path === undefined || call.siteUrl === "" ? null : call.siteUrl + path;
    },
  }),
  defineMethod({
    name: "content.listRevisions",
    capability: "content:revisions:read",
    summary: "Lists what an item was after each save, the latest first.",
    args: z.tuple([collection, id, z.strictObject({ limit: pageLimit(BRIDGE_LIMITS.revisions) }).nullish()]),
    target: (name) => name,
    kind: "data",
    handler: (call, name, item, options) =>
      contentOf(call).listRevisions(name, item, { limit: options?.limit ?? BRIDGE_LIMITS.revisions.default }),
  }),
  defineMethod({
    name: "content.getRevision",
    capability: "content:revisions:read",
    summary: "Reads one of them, or null.",
    args: z.tuple([collection, id, id]),
    target: (name) => name,
    kind: "data",
    handler: (call, name, item, revision) => contentOf(call).getRevision(name, item, revision),
  }),
];
