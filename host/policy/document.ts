/**
 * What may a policy say? One strict, versioned document: a key it does not know, a power that does not exist or a pattern
 * that is none is refused, because a rule that silently does nothing protects nobody.
 */
import { z } from "zod";
import { capabilityNames, describeCapability, isCapability, type Capability } from "@bulkhead/sdk";
import type { ProblemIssue } from "../errors.ts";
import { fail, ok, type Result } from "../result.ts";
import { GAUGE_NAMES, METER_NAMES } from "../usage/meters.ts";
import { WINDOWS } from "../usage/windows.ts";
import { POLICY_LIMITS } from "./limits.ts";
import { coversCapability } from "./rules.ts";

const shown = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 80);
const wrong = (expected: string) => ({
  error: ({ input }: { input?: unknown }) =>
    input === undefined ? `Missing. ${expected}` : `${shown(input)} is wrong. ${expected}`,
});

function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  const keys = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `${issue.keys.slice(0, 5).map(shown).join(", ")} is no key of this part. Remove it, or use one of: ${keys}`
        : `${shown(issue.input)} is wrong. Expected an object with: ${keys}`,
  });
}

function listOf<Item extends z.ZodType>(item: Item, most: number = POLICY_LIMITS.entries) {
  return z
    .array(item, wrong("Expected a list"))
    .max(most, `Expected at most ${most} entries. Use a pattern, or several plugins' own grants`);
}

const listPowers = (): string => `Powers: ${capabilityNames().join(", ")}`;
const capabilityPattern = z
  .string(wrong('Expected a power, or the beginning of several such as "content:*"'))
  .max(POLICY_LIMITS.nameChars)
  .refine((pattern) => capabilityNames().some((name) => coversCapability(pattern, name)), {
    error: ({ input }) =>
      `${shown(input)} covers no power of this host. Correct it, or use a beginning such as "content:*". ${listPowers()}`,
  });
const capabilityName = z
  .string(wrong("Expected a power by its whole name"))
  .refine((name): boolean => isCapability(name), {
    error: ({ input }) =>
      `${shown(input)} is no power of this host. What is approved in advance is named in full. ${listPowers()}`,
  });

const HOST_WORDS =
  'Expected a host such as api.example.com, *.example.com for all below it, or "*"; without scheme, port or path';
const LABEL = "[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?";
const HOST = new RegExp(`^(\\*|(\\*\\.)?${LABEL}(\\.${LABEL})*)$`);
const host = z
  .string(wrong(HOST_WORDS))
  .max(POLICY_LIMITS.nameChars, HOST_WORDS)
  .transform((text) => text.toLowerCase())
  .refine((text) => HOST.test(text), { error: ({ input }) => `${shown(input)} is wrong. ${HOST_WORDS}` });
const table = z
  .string(wrong("Expected the name of a table such as ec_posts"))
  .regex(/^[a-z_][a-z0-9_]{0,127}$/, wrong("Expected the name of a table such as ec_posts, in lower case"));
const publisher = z
  .string(wrong("Expected a publisher's name"))
  .min(1, "Expected a publisher's name")
  .max(POLICY_LIMITS.nameChars, `Expected at most ${POLICY_LIMITS.nameChars} characters`);
const pluginId = z
  .string(wrong("Expected a plugin's id"))
  .regex(/^[a-z][a-z0-9_-]{0,63}$/, wrong("Expected a plugin's id: lower-case letters, digits, - and _"));

const rulesFor = <Item extends z.ZodType>(item: Item) =>
  strict({ deny: listOf(item).optional(), allow: listOf(item).optional() }).optional();

const most = z
  .number(wrong("Expected a whole number above 0"))
  .int("Expected a whole number")
  .positive("Expected a number above 0. To stop a plugin, use the kill switch");
const ceilings = strict({
  fuel: most.optional(),
  wallMs: most.optional(),
  hostCalls: most.optional(),
  requests: most.optional(),
}).optional();

const ofEach = <Name extends string, Value>(names: readonly Name[], value: Value) =>
  Object.fromEntries(names.map((name) => [name, value])) as Record<Name, Value>;
/** What a plugin uses, by window, and what it stores. */
const perWindow = ofEach(METER_NAMES, strict(ofEach(WINDOWS, most.optional())).optional());
const stored = ofEach(GAUGE_NAMES, most.optional());

/** Targets by the kind of what a power can be narrowed to, as an approval in advance lists them. */
const approvedTargets = {
  hosts: listOf(host).optional(),
  tables: listOf(table).optional(),
  slots: listOf(z.string().max(POLICY_LIMITS.nameChars)).optional(),
  paths: listOf(z.string().max(POLICY_LIMITS.nameChars)).optional(),
};

/** The document. What is left out decides nothing. */
export const policySchema = strict({
  version: z.literal(1, wrong('Expected "version": 1, the only one this host knows')),
  capabilities: rulesFor(capabilityPattern),
  hosts: rulesFor(host),
  tables: rulesFor(table),
  publishers: rulesFor(publisher),
  signature: z.enum(["optional", "required"], wrong('Expected "optional" or "required"')).optional(),
  signerChange: z.enum(["accepted", "refused"], wrong('Expected "accepted" or "refused"')).optional(),
  revokedKeys: z.enum(["shown", "stopped"], wrong('Expected "shown" or "stopped"')).optional(),
  separateConsent: z.boolean(wrong("Expected true or false")).optional(),
  budgets: strict({ route: ceilings, hook: ceilings, page: ceilings, schedule: ceilings }).optional(),
  quotas: strict({ ...perWindow, ...stored }).optional(),
  preapproved: listOf(
    strict({
      plugin: pluginId,
      source: z.literal(
        "catalog",
        wrong('Expected "catalog": only what comes with this installation can be approved in advance'),
      ),
      capabilities: listOf(capabilityName),
      ...approvedTargets,
    }),
    POLICY_LIMITS.preapproved,
  ).optional(),
});

/** A policy that passed. */
export type Policy = z.output<typeof policySchema>;
/** A plugin approved in advance. */
export type Preapproval = NonNullable<Policy["preapproved"]>[number];

/** The policy of an installation that has none: everything may be granted, and somebody consents to each plugin. */
export const OPEN_POLICY: Policy = { version: 1 };

/**
 * What stands in for a document that cannot be read. SECURITY: what may be granted is then unknown, so nothing is.
 * (tests/host/policy-versions.test.ts, "that cannot be read")
 */
export const CLOSED_POLICY: Policy = {
  version: 1,
  capabilities: { allow: [] },
  hosts: { allow: [] },
  tables: { allow: [] },
  publishers: { allow: [] },
};

/** Parses a document. Every fault is told at once: where, what, what was expected, how to mend it. */
export function parsePolicy(document: unknown): Result<Policy, readonly ProblemIssue[]> {
  const chars = JSON.stringify(document)?.length ?? 0;
  if (chars > POLICY_LIMITS.documentChars) {
    const message = `The document has ${chars} characters as JSON. Expected at most ${POLICY_LIMITS.documentChars}: use patterns instead of single names`;
    return fail([{ path: "", code: "too-large", message }]);
  }
  const parsed = policySchema.safeParse(document);
  if (!parsed.success) {
    return fail(parsed.error.issues.map(({ path, code, message }) => ({ path: toPath(path), code, message })));
  }
  const issues = (parsed.data.preapproved ?? []).flatMap((approval, i) => findUnlisted(approval, `preapproved[${i}]`));
  return issues.length > 0 ? fail(issues) : ok(parsed.data);
}

/** An approval that names a power without what it is for covers no plugin. */
function findUnlisted(approval: Preapproval, path: string): readonly ProblemIssue[] {
  return approval.capabilities.flatMap((name): readonly ProblemIssue[] => {
    const kind = describeCapability(name as Capability).targets;
    if (kind === undefined || kind === "collections" || (approval[kind]?.length ?? 0) > 0) return [];
    return [
      { path, code: "missing", message: `"${name}" is approved for no ${kind}. Add "${kind}", or remove the power` },
    ];
  });
}

function toPath(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
}
