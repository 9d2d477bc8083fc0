/**
 * Does the policy refuse this? The one decision that planning, consent and every call ask; pure, over plain data. What the
 * policy does not mention it does not refuse.
 */
import type { Capability } from "@bulkhead/sdk";
import type { Policy } from "./document.ts";
import { coversHost } from "./host-name.ts";
import { allowsCapability, deniesCapability, findRule, type RuleHit } from "./rules.ts";

/** Who stands behind a bundle, as far as this host knows. */
export interface Origin {
  /** The name in its manifest or its signature. It proves nothing. */
  readonly publisher: string | undefined;
  /** Whose registered key, which still stands, signed it. */
  readonly signedBy: string | undefined;
  /** The key that signed it was revoked. */
  readonly isRevoked: boolean;
  /** Keys are registered under the name it gives itself. */
  readonly isTaken: boolean;
}

/** What is asked about. */
export type PolicyQuestion =
  | { readonly of: "origin"; readonly origin: Origin }
  /** An update that is not signed as its versions before. */
  | { readonly of: "signer-change" }
  | { readonly of: "capability"; readonly name: Capability }
  /** A host, an address, or a pattern, which must be covered whole. */
  | { readonly of: "host" | "table"; readonly name: string };

/** A refusal: which rule, and of what. */
export interface PolicyRefusal {
  readonly rule:
    | "signature"
    | "signerChange"
    | "revokedKeys"
    | "publishers.deny"
    | "publishers.allow"
    | "capabilities.deny"
    | "capabilities.allow"
    | "hosts.deny"
    | "hosts.allow"
    | "tables.deny"
    | "tables.allow";
  readonly of: "signature" | "publisher" | "capability" | "host" | "table";
  readonly name: string;
  /** The entry of a `deny` that covers the name. */
  readonly entry?: string;
}

/** What the policy refuses, or undefined. */
export function checkPolicy(policy: Policy, what: PolicyQuestion): PolicyRefusal | undefined {
  switch (what.of) {
    case "origin":
      return checkOrigin(policy, what.origin);
    case "signer-change":
      return policy.signerChange === "refused" ? { rule: "signerChange", of: "signature", name: "" } : undefined;
    case "capability": {
      const { name } = what;
      const hit = findRule(policy.capabilities, {
        deny: (pattern) => deniesCapability(pattern, name),
        allow: (pattern) => allowsCapability(pattern, name),
      });
      return refuse(hit, "capabilities", "capability", name);
    }
    case "host": {
      const covers = (pattern: string): boolean => coversHost(pattern, what.name);
      return refuse(findRule(policy.hosts, { deny: covers, allow: covers }), "hosts", "host", what.name);
    }
    case "table": {
      const covers = isSameName(what.name);
      return refuse(findRule(policy.tables, { deny: covers, allow: covers }), "tables", "table", what.name);
    }
  }
}

function checkOrigin(
  { signature, revokedKeys, publishers }: Policy,
  { publisher, signedBy, isRevoked, isTaken }: Origin,
): PolicyRefusal | undefined {
  if (revokedKeys === "stopped" && isRevoked) return { rule: "revokedKeys", of: "signature", name: "" };
  if (signature === "required" && signedBy === undefined) return { rule: "signature", of: "signature", name: "" };
  const name = signedBy ?? publisher ?? "";
  // Denied is who it says it is; allowed is who that can be.
  const proven = signedBy ?? (isTaken ? undefined : name);
  const hit = findRule(publishers, {
    deny: (entry) => isSameName(name)(entry) || (publisher !== undefined && isSameName(publisher)(entry)),
    allow: (entry) => proven !== undefined && isSameName(proven)(entry),
  });
  return refuse(hit, "publishers", "publisher", name);
}

/** SQLite and people tell names apart without regard to case. */
function isSameName(name: string): (entry: string) => boolean {
  return (entry) => entry.toLowerCase() === name.toLowerCase();
}

function refuse(
  hit: RuleHit | undefined,
  part: "publishers" | "capabilities" | "hosts" | "tables",
  of: PolicyRefusal["of"],
  name: string,
): PolicyRefusal | undefined {
  if (!hit) return undefined;
  return { rule: `${part}.${hit.list}`, of, name, ...(hit.list === "deny" ? { entry: hit.entry } : {}) };
}

const WHAT = {
  signature: () => "a bundle that no registered key signed",
  publisher: (name: string) => (name === "" ? "a bundle that names no publisher" : `the publisher "${name}"`),
  capability: (name: string) => name,
  host: (name: string) => (name === "*" ? "requests to any host" : `requests to ${name}`),
  table: (name: string) => `the table ${name}`,
} as const;

/** The refusal for people who administer: what, and by which rule. */
export function describeRefusal({ of, name, rule, entry }: PolicyRefusal): string {
  if (rule === "signerChange")
    return 'The policy refuses an update that is not signed by the key its versions had before (signerChange is "refused").';
  if (rule === "revokedKeys") return 'The policy refuses a bundle whose key was revoked (revokedKeys is "stopped").';
  const by =
    entry === undefined
      ? rule === "signature"
        ? 'signature is "required"'
        : `not in ${rule}`
      : `${rule} has "${entry}"`;
  return `The policy refuses ${WHAT[of](name.slice(0, 253))} (${by}).`;
}
