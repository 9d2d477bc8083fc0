/**
 * May somebody consent to this signer, and what is pinned by it? Asked within the consent's act, so that a key revoked at the
 * same moment counts.
 */
import type { PluginManifest } from "@bulkhead/sdk";
import type { BundleSignature } from "../bundle/signature.ts";
import { HostError } from "../errors.ts";
import { checkPolicy, describeRefusal } from "../policy/check.ts";
import type { Policy } from "../policy/document.ts";
import type { PublisherKeys } from "./keys.ts";
import { needsAcceptance, type SignerChange } from "./pin.ts";
import { refuseSignature } from "./signer.ts";

/** What is consented to. */
export interface SignerConsent {
  readonly manifest: PluginManifest;
  readonly signature: BundleSignature | null;
  readonly change: SignerChange;
  /** What the person named: a key's id, `unsigned`, or nothing. */
  readonly accepted: string | null;
  /** On whose word the consent rests. */
  readonly right: "reviewer" | "preapproved";
}

/** Throws SIGNATURE_INVALID, POLICY_DENIED, FORBIDDEN or SIGNER_CHANGED. */
export function assertSigner(
  { manifest, signature, change, accepted, right }: SignerConsent,
  { policy, keys, now }: { readonly policy: Policy; readonly keys: PublisherKeys; readonly now: Date },
): void {
  const { id, version } = manifest;
  const refused = refuseSignature(signature, keys, now);
  if (refused) {
    const { code, message } = refused;
    throw new HostError("SIGNATURE_INVALID", `Cannot consent to ${id} ${version}: ${message}.`, [
      { path: "signature.json", code, message },
    ]);
  }
  const signer = signature?.keyId ?? "unsigned";
  const isNew = needsAcceptance(change);
  const denied = isNew ? checkPolicy(policy, { of: "signer-change" }) : undefined;
  if (denied) {
    const message = describeRefusal(denied);
    throw new HostError("POLICY_DENIED", `${id} ${version}: ${message} Ask an administrator to change the policy.`, [
      { path: denied.rule, code: denied.of, message },
    ]);
  }
  if (isNew && right === "preapproved") {
    throw new HostError(
      "FORBIDDEN",
      `Cannot consent to ${id} ${version}: it is not signed as its versions before, which no approval in advance covers. Ask a reviewer.`,
    );
  }
  // SECURITY: another hand is accepted by name or not at all. (tests/host/publishers.test.ts, "is consented to only by naming")
  if ((isNew && accepted !== signer) || (accepted !== null && accepted !== signer)) {
    const is = signature ? `signed by the key ${signer}` : "not signed";
    throw new HostError(
      "SIGNER_CHANGED",
      `Cannot consent to ${id} ${version}: it is ${is}${isNew ? ", unlike its versions before" : ""}. To accept that, send "acceptSigner": "${signer}".`,
    );
  }
}
