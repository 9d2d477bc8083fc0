/**
 * How does a policy come into force? As a new version, by an act like any other: audited with its digest and what changed,
 * at the next request everywhere. A dry run reads the same and writes nothing.
 */
import type { Actor } from "../actor.ts";
import { toCanonicalJson } from "../canonical-json.ts";
import { sha256 } from "../crypto.ts";
import { HostError } from "../errors.ts";
import { commitAct } from "../lifecycle/act.ts";
import type { Services } from "../services.ts";
import { putPolicyVersion } from "../store/d1/policy.ts";
import { readKeys } from "../publishers/keys.ts";
import { diffPolicies } from "./diff.ts";
import { parsePolicy, type Policy } from "./document.ts";
import { findEffects, type PolicyEffect } from "./effects.ts";
import { readPolicy } from "./in-force.ts";
import { readInstalled } from "./installed.ts";
import { POLICY_LIMITS } from "./limits.ts";

/** A document to come into force. */
export interface NewPolicy {
  readonly document: unknown;
  readonly note: string;
  /** The version it was written from; another one in force refuses it. Undefined: whichever is. */
  readonly expectedVersion: number | undefined;
}

/** What came of it. */
export interface PutPolicy {
  /** The version in force afterwards. */
  readonly version: number;
  readonly changes: readonly string[];
  readonly refuses: readonly PolicyEffect[];
}

/** What the document would do. Throws POLICY_INVALID, and CONFLICT where another version is in force than expected. */
export async function tryPolicy(services: Services, wanted: NewPolicy): Promise<PutPolicy> {
  const { version, changes, refuses } = await decide(services, wanted, assertValid(wanted.document));
  return { version, changes, refuses };
}

/** Puts the document in force. Throws as `tryPolicy` does. */
export async function putPolicy(services: Services, by: Actor, wanted: NewPolicy): Promise<PutPolicy> {
  const policy = assertValid(wanted.document);
  const digest = await sha256(toCanonicalJson(policy));
  return commitAct(services, by, async () => {
    const { version: before, changes, refuses } = await decide(services, wanted, policy);
    const version = before + 1;
    const row = {
      version,
      document: JSON.stringify(policy),
      note: wanted.note,
      by: by.id,
      at: services.now().toISOString(),
      digest,
    };
    return {
      statements: [putPolicyVersion(services.db, row)],
      act: "policy.put",
      target: String(version),
      detail: {
        version,
        digest,
        note: wanted.note,
        changes: changes.slice(0, POLICY_LIMITS.diffLines).map((line) => line.slice(0, 300)),
        moreChanges: Math.max(0, changes.length - POLICY_LIMITS.diffLines),
        refuses: refuses.filter(({ already }) => !already).length,
      },
      value: { version, changes, refuses },
    };
  });
}

async function decide(services: Services, { expectedVersion }: NewPolicy, policy: Policy): Promise<PutPolicy> {
  const { db, plan } = services;
  const [current, installed, keys] = await Promise.all([readPolicy(db), readInstalled(db), readKeys(db)]);
  const { version } = current;
  // SECURITY: two administrators do not undo each other's rules unseen. (tests/host/policy-versions.test.ts, "written from an older version")
  if (expectedVersion !== undefined && expectedVersion !== version) {
    throw new HostError(
      "CONFLICT",
      `Version ${version} of the policy is in force; yours was written from version ${expectedVersion}. Read it again and put your change on top.`,
    );
  }
  return {
    version,
    changes: diffPolicies(current.policy, policy),
    refuses: findEffects(policy, current.policy, installed, { plan, keys }),
  };
}

function assertValid(document: unknown): Policy {
  const parsed = parsePolicy(document);
  if (parsed.ok) return parsed.value;
  const [first] = parsed.reason;
  const rest = parsed.reason.length > 1 ? ` (and ${parsed.reason.length - 1} more)` : "";
  const where = first && first.path !== "" ? `${first.path}: ` : "";
  throw new HostError("POLICY_INVALID", `${where}${first?.message ?? "invalid"}${rest}`, parsed.reason.slice(0, 50));
}
