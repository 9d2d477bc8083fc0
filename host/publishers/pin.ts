/**
 * Is an update from the same hand as what came before? The key that was consented to first is pinned to the plugin's id;
 * another one is a change that somebody has to accept by name. Pure.
 */
import type { BundleSignature } from "../bundle/signature.ts";
import type { PinRow } from "../store/d1/publishers.ts";
import type { PublisherKeys } from "./keys.ts";

/**
 * - `none`: not signed, and never was;
 * - `first`: consent pins its key;
 * - `same`: by the pinned key;
 * - `rotated`: by one that took the pinned key's place, as that key itself or an administrator said;
 * - `changed`: by another key;
 * - `missing`: not signed, though a key is pinned.
 */
export type SignerChange = "none" | "first" | "same" | "rotated" | "changed" | "missing";

/** The version over what is pinned; `installed` is the live version's signature. */
export function judgeSigner(
  signature: BundleSignature | null,
  {
    pin,
    installed,
    keys,
  }: { readonly pin: PinRow | null; readonly installed: BundleSignature | null; readonly keys: PublisherKeys },
): SignerChange {
  if (!pin) return signature ? "first" : "none";
  if (!signature) return "missing";
  if (signature.keyId === pin.key_id) {
    return installed && installed.keyId !== pin.key_id && installed.keyId === pin.previous_key_id ? "rotated" : "same";
  }
  // SECURITY: the word of a key that was revoked, or has a successor already, counts for nothing. (tests/host/publishers.test.ts, "a revoked key names nobody")
  const pinned = keys.get(pin.key_id);
  const mayName = !pinned || (pinned.revoked_at === null && pinned.replaced_by === null);
  return signature.previousKeyId === pin.key_id && mayName ? "rotated" : "changed";
}

/** Whether somebody has to accept the signer by name. */
export function needsAcceptance(change: SignerChange): boolean {
  return change === "changed" || change === "missing";
}

/** What a consent writes; undefined where the pin stays as it is. A version without a signature never loosens it. */
export function toPin(
  signature: BundleSignature | null,
  change: SignerChange,
  {
    plugin,
    pin,
    at,
    by,
  }: { readonly plugin: string; readonly pin: PinRow | null; readonly at: string; readonly by: string },
): PinRow | undefined {
  if (!signature || signature.keyId === pin?.key_id) return undefined;
  return {
    plugin_id: plugin,
    key_id: signature.keyId,
    publisher: signature.publisher,
    how: change === "first" ? "first" : change === "rotated" ? "rotated" : "accepted",
    previous_key_id: pin?.key_id ?? null,
    pinned_at: at,
    pinned_by: by,
  };
}
