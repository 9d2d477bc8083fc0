/**
 * Who stands behind a version? Its signature, seen with the keys this installation knows now: a name is proven by a
 * registered key alone. Pure.
 */
import { expired, isExpired, type BundleSignature, type SignatureReason } from "../bundle/signature.ts";
import { stateOf, type PublisherKeys } from "./keys.ts";

/** The answer. A key that was replaced still proves what it signed before. */
export type Signer =
  | { readonly state: "unsigned" }
  | { readonly state: "unregistered"; readonly keyId: string; readonly publisher: string }
  | { readonly state: "registered"; readonly keyId: string; readonly publisher: string }
  | {
      readonly state: "revoked";
      readonly keyId: string;
      readonly publisher: string;
      readonly at: string;
      readonly note: string;
    };

/** The signer of a version with this signature. */
export function findSigner(signature: BundleSignature | null, keys: PublisherKeys): Signer {
  if (!signature) return { state: "unsigned" };
  const { keyId } = signature;
  const key = keys.get(keyId);
  if (!key) return { state: "unregistered", keyId, publisher: signature.publisher };
  const { publisher } = key;
  if (key.revoked_at === null) return { state: "registered", keyId, publisher };
  return { state: "revoked", keyId, publisher, at: key.revoked_at, note: key.revoked_note ?? "" };
}

/**
 * Why nothing new may come with this signature. SECURITY: asked at upload and again at consent; times in a signature are
 * its maker's own words, so a revoked key counts whenever it says it signed. (tests/host/publishers.test.ts, "of a revoked key")
 */
export function refuseSignature(
  signature: BundleSignature | null,
  keys: PublisherKeys,
  now: Date,
): SignatureReason | undefined {
  if (!signature) return undefined;
  if (isExpired(signature, now)) return expired(signature.expiresAt);
  const key = keys.get(signature.keyId);
  if (!key) return undefined;
  const named = `The key ${key.key_id} of "${key.publisher}"`;
  if (stateOf(key) === "revoked") {
    return {
      code: "signature-revoked",
      message: `${named} was revoked at ${key.revoked_at} and signs nothing any more. Sign with another key`,
    };
  }
  if (stateOf(key) === "replaced") {
    return {
      code: "signature-replaced",
      message: `${named} was replaced by ${key.replaced_by} at ${key.replaced_at}. Sign with the new one`,
    };
  }
  if (key.publisher !== signature.publisher) {
    return {
      code: "signature-publisher",
      message: `The key ${key.key_id} is registered for "${key.publisher}", the signature names "${signature.publisher.slice(0, 80)}". Sign under the registered name`,
    };
  }
  return undefined;
}

/** A key as sentences name it. */
export function shortKey(keyId: string): string {
  return `${keyId.slice(0, 16)}…`;
}
