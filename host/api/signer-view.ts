/** How are a version's signer and a plugin's pin shown? As the API's shapes, and as a warning where a key was revoked. Pure. */
import type { z } from "@hono/zod-openapi";
import type { BundleSignature } from "../bundle/signature.ts";
import type { Bounds } from "../policy/bounds.ts";
import type { PublisherKeys } from "../publishers/keys.ts";
import { findSigner, shortKey } from "../publishers/signer.ts";
import { toSignature } from "../registry/active-plugin.ts";
import type { VersionRow } from "../store/d1/plugins.ts";
import type { PinRow } from "../store/d1/publishers.ts";
import type { pluginDetailShape, signerShape } from "./shapes.ts";

/** Who signed, as the API shows it. */
export function viewSigner(signature: BundleSignature | null, keys: PublisherKeys): z.infer<typeof signerShape> {
  const signer = findSigner(signature, keys);
  return {
    state: signer.state,
    keyId: signature?.keyId ?? null,
    publisher: signer.state === "unsigned" ? null : signer.publisher,
    signedAt: signature?.signedAt ?? null,
    expiresAt: signature?.expiresAt ?? null,
  };
}

/** The key updates are held to, as the API shows it. */
export function viewPin(pin: PinRow | null): z.infer<typeof pluginDetailShape>["pin"] {
  if (!pin) return null;
  return {
    keyId: pin.key_id,
    publisher: pin.publisher,
    how: pin.how,
    previousKeyId: pin.previous_key_id,
    pinnedAt: pin.pinned_at,
    pinnedBy: pin.pinned_by,
  };
}

/** What is to be said of the live version's signer: nothing, as a rule. */
export function describeSigner(row: VersionRow, { keys }: Pick<Bounds, "keys">): string[] {
  const signer = findSigner(toSignature(row), keys);
  if (signer.state !== "revoked") return [];
  const why = signer.note === "" ? "" : ` (${signer.note.slice(0, 200)})`;
  return [
    `The key of "${signer.publisher}" that signed ${row.version} (${shortKey(signer.keyId)}) was revoked at ${signer.at}${why}. Nothing stops it by itself: update or disable the plugin, or put revokedKeys "stopped" into the policy.`,
  ];
}
