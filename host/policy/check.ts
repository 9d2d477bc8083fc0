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
  /** The name in its manifest. It proves nothing as long as nobody signed it. */
  readonly publisher: string | undefined;
  /** Whose signature was verified; nobody's, until bundles are signed. */
  readonly signedBy: string | undefined;
}

/** What is asked about. */
export type PolicyQuestion =
  | { readonly of: "origin"; readonly origin: Origin }
  | { readonly of: "capability"; readonly name: Capability }
  /** A host, an address, or a pattern, which must be covered whole. */
  | { readonly of: "host" | "table"; readonly name: string };

/** A refusal: which rule, and of what. */
export interface PolicyRefusal {
  readonly rule:
    | "signature"
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

function checkOrigin({ signature, publishers }: Policy, { publisher, signedBy }: Origin): PolicyRefusal | undefined {
  if (signature === "required" && signedBy === undefined) return { rule: "signature", of: "signature", name: "" };
  const name = signedBy ?? publisher ?? "";
  const covers = isSameName(name);
  return refuse(findRule(publishers, { deny: covers, allow: covers }), "publishers", "publisher", name);
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
  signature: () => "a bundle without a verified signature",
  publisher: (name: string) => (name === "" ? "a bundle that names no publisher" : `the publisher "${name}"`),
  capability: (name: string) => name,
  host: (name: string) => (name === "*" ? "requests to any host" : `requests to ${name}`),
  table: (name: string) => `the table ${name}`,
} as const;

/** The refusal for people who administer: what, and by which rule. */
export function describeRefusal({ of, name, rule, entry }: PolicyRefusal): string {
  const by =
    entry === undefined
      ? rule === "signature"
        ? 'signature is "required"'
        : `not in ${rule}`
      : `${rule} has "${entry}"`;
  return `The policy refuses ${WHAT[of](name.slice(0, 253))} (${by}).`;
}
