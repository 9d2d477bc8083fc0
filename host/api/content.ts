/**
 * `/api/content`: the site's content over HTTP. Each route says what it takes and answers, checks the role, and calls the
 * content service; the OpenAPI document and the typed client come from the same definitions.
 */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import type { Context } from "hono";
import type { ContentItem } from "@bulkhead/sdk";
import { createContent } from "../content/content.ts";
import { CONTENT_LIMITS } from "../content/limits.ts";
import type { CreateInput, ListOptions, UpdateInput } from "../content/service.ts";
import { HostError } from "../errors.ts";
import type { HostEnv } from "./context.ts";
import { requireRole } from "./require-role.ts";
import { validationHook } from "./validation.ts";

const seoSchema = z
  .strictObject({
    title: z.string().nullable().optional(),
    description: z.string().nullable().optional(),
    image: z.string().nullable().optional(),
    canonical: z.string().nullable().optional(),
    noIndex: z.boolean().optional(),
  })
  .openapi("ContentSeo");

const dataSchema = z.record(z.string(), z.unknown()).openapi({
  description: "The fields of the collection. For posts: title, featured_image, content (Portable Text), excerpt.",
  example: {
    title: "Hello",
    content: [{ _type: "block", _key: "a", children: [{ _type: "span", _key: "b", text: "Hello, world." }] }],
  },
});

const itemSchema = z
  .object({
    id: z.string(),
    type: z.string().openapi({ description: "The collection" }),
    slug: z.string().nullable(),
    status: z.string().openapi({ example: "draft" }),
    locale: z.string(),
    data: dataSchema,
    seo: seoSchema.optional(),
    createdAt: z.string(),
    updatedAt: z.string(),
    publishedAt: z.string().nullable(),
  })
  .openapi("ContentItem");

const createSchema = z.strictObject({
  data: dataSchema,
  slug: z.string().optional().openapi({ description: "Made of the title where it is absent" }),
  seo: seoSchema.optional(),
  locale: z.string().optional(),
  publish: z.boolean().optional().openapi({ description: "Public at once. Default: a draft" }),
});
const updateSchema = z.strictObject({
  data: dataSchema.optional(),
  slug: z.string().optional(),
  seo: seoSchema.optional(),
});
const listSchema = z.object({
  status: z.string().optional(),
  locale: z.string().optional(),
  orderBy: z
    .string()
    .optional()
    .openapi({ description: "createdAt, updatedAt, publishedAt, slug or id; `-` first: descending" }),
  limit: z.coerce.number().int().min(1).max(CONTENT_LIMITS.maxPageItems).optional(),
  cursor: z.string().optional(),
});

const collectionParams = z.object({ collection: z.string().openapi({ example: "posts" }) });
const itemParams = collectionParams.extend({ id: z.string() });
const problemSchema = z
  .object({ type: z.string(), title: z.string(), status: z.number(), detail: z.string(), code: z.string() })
  .openapi("Problem");

const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { "application/json": { schema } },
});
const problems = {
  default: { description: "A problem", content: { "application/problem+json": { schema: problemSchema } } },
};
const body = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true,
  content: { "application/json": { schema } },
});
const tags = ["Content"];

const listRoute = createRoute({
  method: "get",
  path: "/{collection}",
  tags,
  summary: "List items",
  request: { params: collectionParams, query: listSchema },
  responses: {
    200: json(
      "A page of items",
      z.object({ items: z.array(itemSchema), cursor: z.string().optional(), hasMore: z.boolean() }),
    ),
    ...problems,
  },
});
const createItemRoute = createRoute({
  method: "post",
  path: "/{collection}",
  tags,
  summary: "Create an item",
  request: { params: collectionParams, body: body(createSchema) },
  responses: { 201: json("The item", itemSchema), ...problems },
});
const readRoute = createRoute({
  method: "get",
  path: "/{collection}/{id}",
  tags,
  summary: "Read an item",
  request: { params: itemParams },
  responses: { 200: json("The item", itemSchema), ...problems },
});
const updateRoute = createRoute({
  method: "patch",
  path: "/{collection}/{id}",
  tags,
  summary: "Change an item",
  request: { params: itemParams, body: body(updateSchema) },
  responses: { 200: json("The item", itemSchema), ...problems },
});
const deleteRoute = createRoute({
  method: "delete",
  path: "/{collection}/{id}",
  tags,
  summary: "Delete an item",
  request: { params: itemParams },
  responses: { 204: { description: "It is gone" }, ...problems },
});
const publishRoute = createRoute({
  method: "post",
  path: "/{collection}/{id}/publish",
  tags,
  summary: "Publish an item",
  request: { params: itemParams },
  responses: { 200: json("The item", itemSchema), ...problems },
});
const unpublishRoute = createRoute({
  method: "post",
  path: "/{collection}/{id}/unpublish",
  tags,
  summary: "Make an item a draft again",
  request: { params: itemParams },
  responses: { 200: json("The item", itemSchema), ...problems },
});

const router = new OpenAPIHono<HostEnv>({ defaultHook: validationHook });
// SECURITY: before anything of the request is read (tests/site/content.test.ts, "roles").
router.use(async (c, next) => {
  if (c.req.method === "GET" || c.req.method === "HEAD") requireRole(c, "editor", "publisher", "reviewer");
  else requireWriter(c);
  await next();
});
// Counted while the body is read; nothing larger is ever parsed.
router.use(
  bodyLimit({
    maxSize: CONTENT_LIMITS.bodyBytes,
    onError: () => {
      throw new HostError(
        "PAYLOAD_TOO_LARGE",
        `The body is larger than ${CONTENT_LIMITS.bodyBytes} bytes. Split the item.`,
      );
    },
  }),
);

/** The routes under `/api/content`. Reads need editor, publisher or reviewer, writes editor or publisher. */
export const contentApi = router
  .openapi(listRoute, async (c) => {
    const { orderBy, ...query } = c.req.valid("query");
    const options = { ...query, ...(orderBy === undefined ? {} : { orderBy: toOrderBy(orderBy) }) };
    const page = await toContent(c).list(c.req.valid("param").collection, options as ListOptions);
    return c.json({ ...page, items: page.items.map(toWire) }, 200);
  })
  .openapi(createItemRoute, async (c) => {
    const by = requireWriter(c);
    const input = c.req.valid("json") as CreateInput;
    return c.json(toWire(await toContent(c).create(c.req.valid("param").collection, input, by)), 201);
  })
  .openapi(readRoute, async (c) => {
    const { collection, id } = c.req.valid("param");
    const item = await toContent(c).get(collection, id);
    if (!item) throw toMissing(collection, id);
    return c.json(toWire(item), 200);
  })
  .openapi(updateRoute, async (c) => {
    const by = requireWriter(c);
    const { collection, id } = c.req.valid("param");
    return c.json(toWire(await toContent(c).update(collection, id, c.req.valid("json") as UpdateInput, by)), 200);
  })
  .openapi(deleteRoute, async (c) => {
    const by = requireWriter(c);
    const { collection, id } = c.req.valid("param");
    if (!(await toContent(c).delete(collection, id, by))) throw toMissing(collection, id);
    return c.body(null, 204);
  })
  .openapi(publishRoute, async (c) => {
    const by = requireWriter(c);
    const { collection, id } = c.req.valid("param");
    return c.json(toWire(await toContent(c).publish(collection, id, by)), 200);
  })
  .openapi(unpublishRoute, async (c) => {
    const by = requireWriter(c);
    const { collection, id } = c.req.valid("param");
    return c.json(toWire(await toContent(c).unpublish(collection, id, by)), 200);
  });

function requireWriter(c: Context<HostEnv>) {
  return requireRole(c, "editor", "publisher");
}

function toContent(c: Context<HostEnv>) {
  return createContent({ services: c.get("services"), hooks: c.get("hooks") });
}

function toOrderBy(text: string): ListOptions["orderBy"] {
  return text.startsWith("-") ? { [text.slice(1)]: "desc" } : { [text]: "asc" };
}

/** The item as JSON, for the route's types; nothing is taken away or added. */
function toWire(item: ContentItem) {
  return item as z.infer<typeof itemSchema>;
}

function toMissing(collection: string, id: string): HostError {
  return new HostError(
    "NOT_FOUND",
    `There is no ${collection} item ${JSON.stringify(id.slice(0, 80))}; it may be deleted.`,
  );
}
