/** `/api/admin/publishers`: whose keys prove whose name here. Everybody who handles plugins reads them; administrators change them. */
import { createRoute, z } from "@hono/zod-openapi";
import { SIGNATURE_LIMITS } from "../bundle/limits.ts";
import { readKeys, stateOf } from "../publishers/keys.ts";
import { PUBLISHER_LIMITS } from "../publishers/limits.ts";
import { registerKey } from "../publishers/register.ts";
import { revokeKey } from "../publishers/revoke.ts";
import { rotateKey } from "../publishers/rotate.ts";
import type { Services } from "../services.ts";
import { listPins, type PinRow, type PublisherKeyRow } from "../store/d1/publishers.ts";
import { bodyOf, createRouter, jsonOf, problems } from "./define.ts";
import { requireRole } from "./require-role.ts";

const tags = ["Publishers"];
const keyShape = z
  .object({
    keyId: z.string().openapi({ description: "sha256 of the public key" }),
    publicKey: z.string(),
    publisher: z.string(),
    state: z.enum(["valid", "replaced", "revoked"]),
    note: z.string(),
    registeredAt: z.string(),
    registeredBy: z.string(),
    revokedAt: z.string().nullable(),
    revokedBy: z.string().nullable(),
    revokedNote: z.string().nullable(),
    replacedBy: z.string().nullable(),
    replacedAt: z.string().nullable(),
    plugins: z.array(z.string()).openapi({ description: "Plugins whose updates are held to it" }),
  })
  .openapi("PublisherKey");
const publicKey = z
  .string()
  .max(64)
  .openapi({ description: "Its 32 bytes in base64url, as `bulkhead keygen` prints it" });
const note = z.string().max(PUBLISHER_LIMITS.noteChars).default("");
const keyParam = z.object({
  keyId: z
    .string()
    .max(64)
    .openapi({ param: { name: "keyId", in: "path" } }),
});
const keyAnswer = z.object({ key: keyShape });

const list = createRoute({
  method: "get",
  path: "/",
  tags,
  summary: "The registered keys, with those that were revoked or replaced",
  responses: { 200: jsonOf(z.object({ items: z.array(keyShape) }), "The keys"), ...problems },
});
const register = createRoute({
  method: "post",
  path: "/",
  tags,
  summary: "Registers a publisher's key: what it signs is proven to be that publisher's",
  request: {
    body: bodyOf(
      z.strictObject({
        publicKey,
        publisher: z
          .string()
          .min(1)
          .max(SIGNATURE_LIMITS.publisherChars)
          .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, "Expected a name without characters that cannot be seen"),
        note,
      }),
    ),
  },
  responses: { 201: jsonOf(keyAnswer, "The key"), ...problems },
});
const revoke = createRoute({
  method: "post",
  path: "/{keyId}/revoke",
  tags,
  summary: "Revokes a key for good: nothing signed with it is taken in. What runs goes on, unless the policy stops it",
  request: { params: keyParam, body: bodyOf(z.strictObject({ note })) },
  responses: {
    200: jsonOf(
      keyAnswer.extend({ live: z.array(z.string()).openapi({ description: "Plugins whose live version it signed" }) }),
      "The key",
    ),
    ...problems,
  },
});
const rotate = createRoute({
  method: "post",
  path: "/{keyId}/rotate",
  tags,
  summary: "Puts another key in its place, by the old one's statement or an administrator's word",
  request: {
    params: keyParam,
    body: bodyOf(
      z.strictObject({
        publicKey,
        statement: z.string().max(128).optional().openapi({
          description:
            "The old key's signature for the new one, as `bulkhead rotate` prints it. Left out: on your own word",
        }),
        note,
      }),
    ),
  },
  responses: { 200: jsonOf(keyAnswer.extend({ plugins: z.array(z.string()) }), "The new key"), ...problems },
});

/** The router, mounted at `/api/admin/publishers`. */
export const publishersApi = createRouter()
  .openapi(list, async (c) => {
    requireRole(c, "publisher", "reviewer");
    const { db } = c.get("services");
    const [keys, pins] = await Promise.all([readKeys(db), listPins(db)]);
    return c.json({ items: [...keys.values()].map((row) => viewKey(row, pins)) }, 200);
  })
  .openapi(register, async (c) => {
    const by = requireRole(c);
    const services = c.get("services");
    const keyId = await registerKey(services, by, c.req.valid("json"));
    return c.json({ key: await showKey(services, keyId) }, 201);
  })
  .openapi(revoke, async (c) => {
    const by = requireRole(c);
    const services = c.get("services");
    const { keyId } = c.req.valid("param");
    const live = await revokeKey(services, by, keyId, c.req.valid("json").note);
    return c.json({ key: await showKey(services, keyId), live: [...live] }, 200);
  })
  .openapi(rotate, async (c) => {
    const by = requireRole(c);
    const services = c.get("services");
    const { statement, ...rest } = c.req.valid("json");
    const rotated = await rotateKey(services, by, c.req.valid("param").keyId, { ...rest, statement });
    return c.json({ key: await showKey(services, rotated.keyId), plugins: [...rotated.plugins] }, 200);
  });

async function showKey({ db }: Services, keyId: string): Promise<z.infer<typeof keyShape>> {
  const [keys, pins] = await Promise.all([readKeys(db), listPins(db)]);
  return viewKey(keys.get(keyId)!, pins);
}

function viewKey(row: PublisherKeyRow, pins: readonly PinRow[]): z.infer<typeof keyShape> {
  return {
    keyId: row.key_id,
    publicKey: row.public_key,
    publisher: row.publisher,
    state: stateOf(row),
    note: row.note,
    registeredAt: row.registered_at,
    registeredBy: row.registered_by,
    revokedAt: row.revoked_at,
    revokedBy: row.revoked_by,
    revokedNote: row.revoked_note,
    replacedBy: row.replaced_by,
    replacedAt: row.replaced_at,
    plugins: pins.filter((pin) => pin.key_id === row.key_id).map((pin) => pin.plugin_id),
  };
}
