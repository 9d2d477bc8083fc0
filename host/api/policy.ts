/** `/api/admin/policy`: what may be granted at all; its versions, a new one, and what one would refuse. */
import { createRoute, z } from "@hono/zod-openapi";
import { HostError } from "../errors.ts";
import { readPolicy } from "../policy/in-force.ts";
import { POLICY_LIMITS } from "../policy/limits.ts";
import { putPolicy, tryPolicy } from "../policy/put.ts";
import { getPolicyVersion, listPolicyVersions } from "../store/d1/policy.ts";
import { bodyOf, createRouter, jsonOf, problems } from "./define.ts";
import { requireRole } from "./require-role.ts";

const tags = ["Policy"];
/** Any JSON: the document's own parser says what is wrong with it. */
const document = z.unknown().openapi({
  type: "object",
  description: "See docs/policy.md",
  example: { version: 1, hosts: { deny: ["*.evil.dev"] } },
});
const versionShape = z.object({
  version: z.number().int(),
  at: z.string(),
  by: z.string(),
  note: z.string(),
  digest: z.string(),
});
const policyShape = z
  .object({
    version: z.number().int().openapi({ description: "0 before the first: everything may be granted" }),
    document,
    at: z.string().nullable(),
    by: z.string().nullable(),
    note: z.string().nullable(),
    digest: z.string().nullable(),
    fault: z.string().nullable().openapi({ description: "Why the document cannot be read; nothing is granted then" }),
    versions: z.array(versionShape),
  })
  .openapi("Policy");
const effectShape = z
  .object({
    plugin: z.string(),
    version: z.string(),
    stands: z.enum(["live", "staged"]),
    of: z.enum(["signature", "publisher", "capability", "host", "table", "budget"]),
    name: z.string(),
    rule: z.string(),
    message: z.string(),
    already: z.boolean().openapi({ description: "The policy in force does the same" }),
  })
  .openapi("PolicyEffect");
const putShape = z.object({
  dryRun: z.boolean(),
  version: z.number().int().openapi({ description: "The version in force now" }),
  changes: z.array(z.string()),
  refuses: z.array(effectShape),
  moreRefuses: z.number().int().openapi({ description: "Refusals beyond those that are listed" }),
});

const read = createRoute({
  method: "get",
  path: "/",
  tags,
  summary: "The policy in force and its versions",
  responses: { 200: jsonOf(policyShape, "The policy"), ...problems },
});
const readVersion = createRoute({
  method: "get",
  path: "/versions/{version}",
  tags,
  summary: "One version with its document",
  request: { params: z.object({ version: z.coerce.number().int().positive() }) },
  responses: { 200: jsonOf(versionShape.extend({ document }), "The version"), ...problems },
});
const write = createRoute({
  method: "put",
  path: "/",
  tags,
  summary: "Puts a policy in force, or with dryRun says what it would refuse among the installed plugins",
  request: {
    headers: z.object({ "if-match": z.string().max(40).optional() }),
    body: bodyOf(
      z.strictObject({
        document,
        note: z.string().max(POLICY_LIMITS.noteChars).default(""),
        dryRun: z.boolean().default(false),
        expectedVersion: z.number().int().min(0).optional(),
      }),
    ),
  },
  responses: { 200: jsonOf(putShape, "What it changes"), ...problems },
});

/** The router, mounted at `/api/admin/policy`. */
export const policyApi = createRouter()
  .openapi(read, async (c) => {
    requireRole(c, "reviewer");
    const { db } = c.get("services");
    const [{ version, policy, fault, row }, versions] = await Promise.all([
      readPolicy(db),
      listPolicyVersions(db, POLICY_LIMITS.listedVersions),
    ]);
    const { at = null, by = null, note = null, digest = null } = row ?? {};
    // One that cannot be read is shown as it stands, so that it can be mended.
    const shown: unknown = fault === null ? policy : toJson(row?.document);
    const answer = { version, document: shown, at, by, note, digest, fault, versions: [...versions] };
    return c.json(answer, 200, { etag: `"${version}"` });
  })
  .openapi(readVersion, async (c) => {
    requireRole(c, "reviewer");
    const { version } = c.req.valid("param");
    const row = await getPolicyVersion(c.get("services").db, version);
    if (!row) throw new HostError("NOT_FOUND", `The policy has no version ${version}.`);
    return c.json({ ...row, document: toJson(row.document) }, 200);
  })
  .openapi(write, async (c) => {
    const by = requireRole(c);
    const services = c.get("services");
    const { dryRun, document, note, expectedVersion } = c.req.valid("json");
    const expected = expectedVersion ?? readIfMatch(c.req.valid("header")["if-match"]);
    const wanted = { document, note, expectedVersion: expected };
    const { version, changes, refuses } = dryRun
      ? await tryPolicy(services, wanted)
      : await putPolicy(services, by, wanted);
    const listed = refuses.slice(0, POLICY_LIMITS.listedRefusals);
    return c.json(
      { dryRun, version, changes: [...changes], refuses: listed, moreRefuses: refuses.length - listed.length },
      200,
    );
  });

/** The version an If-Match header names; `*` is any. */
function readIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header === "*") return undefined;
  const digits = /^(?:W\/)?"?(\d{1,15})"?$/.exec(header)?.[1];
  if (digits !== undefined) return Number(digits);
  throw new HostError(
    "BAD_REQUEST",
    `If-Match is ${header.slice(0, 40)}. Expected the version of the policy, such as "3".`,
  );
}

function toJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return text;
  }
}
