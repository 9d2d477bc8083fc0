/**
 * Who may consent to a version? Reviewers and administrators; a publisher to what the policy approved in advance. Where
 * the policy asks for two people, whoever uploaded a version is none of those. Pure.
 */
import { withImplied, requestedTargets, describeCapability, type Capability, type PluginManifest } from "@bulkhead/sdk";
import type { Actor } from "../actor.ts";
import type { Policy, Preapproval } from "./document.ts";
import { coversHost } from "./host-name.ts";

/** A version as this question sees it. */
export interface Consentable {
  readonly manifest: PluginManifest;
  /** Where its bytes came from; written by the host. */
  readonly source: string;
  readonly uploadedBy: string;
}

/** Whether the actor may consent, and on whose word. */
export type ConsentRight =
  | { readonly kind: "reviewer" }
  | { readonly kind: "preapproved" }
  | { readonly kind: "refused"; readonly why: "role" | "same-person" };

/** The right of the actor to consent to the version. */
export function findConsentRight(policy: Policy, actor: Actor, version: Consentable): ConsentRight {
  const isPreapproved = (policy.preapproved ?? []).some((approval) => approves(approval, version));
  const isReviewer = "role" in actor && (actor.role === "admin" || actor.role === "reviewer");
  // SECURITY: by id, whatever kind of proof it signed in with. (tests/host/policy-consent.test.ts, "who uploaded it")
  const isSamePerson = policy.separateConsent === true && actor.id === version.uploadedBy;
  if (isReviewer && !isSamePerson) return { kind: "reviewer" };
  const isPublisher = "role" in actor && actor.role === "publisher";
  // Whoever wrote the approval into the policy is the second person.
  if (isPreapproved && (isReviewer || isPublisher)) return { kind: "preapproved" };
  return { kind: "refused", why: isReviewer ? "same-person" : "role" };
}

/**
 * Whether the approval covers everything the version asks for. SECURITY: only bytes that came from the catalogue, which
 * the host notes itself: an id is anybody's to choose. (tests/host/policy-consent.test.ts, "uploaded under the same id")
 */
export function approves(approval: Preapproval, { manifest, source }: Consentable): boolean {
  if (source !== approval.source || manifest.id !== approval.plugin) return false;
  // A host that a setting names is decided on by a person when it is known.
  const given = withImplied(approval.capabilities as readonly Capability[]);
  return manifest.capabilities.every((name) => given.includes(name) && coversTargets(approval, manifest, name));
}

function coversTargets(approval: Preapproval, manifest: PluginManifest, name: Capability): boolean {
  const kind = describeCapability(name).targets;
  if (kind === undefined || kind === "collections") return true;
  const approved = approval[kind] ?? [];
  return (requestedTargets(manifest, name) ?? []).every((wanted) =>
    kind === "hosts" ? approved.some((pattern) => coversHost(pattern, wanted)) : approved.includes(wanted),
  );
}
