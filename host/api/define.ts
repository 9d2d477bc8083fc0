/** Pieces that every route definition of the API shares. */
import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { HostEnv } from "./context.ts";
import { validationHook } from "./validation.ts";

/** An RFC 9457 problem document, as the OpenAPI document describes it. */
export const problemShape = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    issues: z
      .array(z.object({ path: z.string(), code: z.string(), message: z.string(), frame: z.string().optional() }))
      .optional(),
  })
  .openapi("Problem");

/** A router whose validation failures are problem documents. */
export function createRouter(): OpenAPIHono<HostEnv> {
  return new OpenAPIHono<HostEnv>({ defaultHook: validationHook });
}

/** A JSON response. */
export function jsonOf<Shape extends z.ZodType>(schema: Shape, description: string) {
  return { description, content: { "application/json": { schema } } };
}

/** A JSON request body. */
export function bodyOf<Shape extends z.ZodType>(schema: Shape) {
  return { required: true, content: { "application/json": { schema } } } as const;
}

/** What every route may answer instead. */
export const problems = {
  default: { description: "A problem", content: { "application/problem+json": { schema: problemShape } } },
} as const;

/** A plugin's id in the path. */
export const idParam = z.object({
  id: z
    .string()
    .max(64)
    .openapi({ param: { name: "id", in: "path" }, example: "auto-blog-seo" }),
});

/** A cursor in the query. */
export const cursorQuery = z.object({ cursor: z.string().max(64).optional() });

/** Rows of one page. */
export const PAGE = 50;

/** The cursor of the page after these rows; none where they are the last. */
export function cursorOf(rows: readonly { readonly id: string }[]): { cursor?: string } {
  const last = rows.at(-1);
  return rows.length === PAGE && last ? { cursor: last.id } : {};
}
