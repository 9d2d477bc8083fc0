/** What should somebody know of the signer before saying yes? Sentences; a change of hands comes first. Pure. */
import type { BundleSignature } from "../bundle/signature.ts";
import type { PinRow } from "../store/d1/publishers.ts";
import { isRegisteredName, type PublisherKeys } from "./keys.ts";
import type { SignerChange } from "./pin.ts";
import { findSigner, shortKey } from "./signer.ts";

/** One sentence for the consent screen. */
export interface SignerFinding {
  readonly level: "info" | "warning" | "danger";
  readonly code: string;
  readonly message: string;
}

/** What the sentences are about. */
export interface SignerFacts {
  readonly signature: BundleSignature | null;
  /** `bulkhead.publisher` of the manifest. */
  readonly claimed: string | undefined;
  readonly change: SignerChange;
  readonly pin: PinRow | null;
  readonly keys: PublisherKeys;
}

/** The findings about a version's signer. */
export function findSignerFindings({ signature, claimed, change, pin, keys }: SignerFacts): readonly SignerFinding[] {
  const signer = findSigner(signature, keys);
  const found: SignerFinding[] = [];
  const add = (level: SignerFinding["level"], code: string, message: string): void =>
    void found.push({ level, code, message });
  const before = pin ? `"${pin.publisher}" (key ${shortKey(pin.key_id)})` : "";

  if (change === "changed" && signature)
    add(
      "danger",
      "signer-changed",
      `Its versions so far were signed by ${before}, this one by another key (${shortKey(signature.keyId)}, which calls itself "${signature.publisher}"). It may come from somebody else.`,
    );
  if (change === "missing")
    add("danger", "signer-missing", `Its versions so far were signed by ${before}, this one by nobody.`);
  if (change === "rotated" && signature)
    add(
      "warning",
      "signer-rotated",
      `Its publisher's key was replaced: ${shortKey(signature.keyId)} takes the place of ${shortKey(signature.keyId === pin?.key_id ? (pin.previous_key_id ?? "") : (pin?.key_id ?? ""))}, ${pin?.how === "replaced" ? "by an administrator's word" : "by that key's own word"}.`,
    );
  if (signer.state === "revoked")
    add(
      "danger",
      "signer-revoked",
      `The key that signed it was revoked at ${signer.at}${signer.note === "" ? "" : `: ${signer.note.slice(0, 200)}`}.`,
    );
  const name = signature?.publisher ?? claimed;
  if (
    name !== undefined &&
    (signer.state === "unsigned" || signer.state === "unregistered") &&
    isRegisteredName(keys, name)
  )
    add(
      "danger",
      "publisher-not-proven",
      `It names the publisher "${name.slice(0, 80)}", whose keys are registered here, and none of them signed it.`,
    );
  switch (signer.state) {
    case "unsigned":
      if (change === "none") add("info", "not-signed", "It is not signed: nothing shows who made it.");
      break;
    case "unregistered":
      add(
        "info",
        "signer-unregistered",
        `It is signed by a key that is not registered here (${shortKey(signer.keyId)}), so its name "${signer.publisher}" proves nothing. Later versions are held to the key you consent to.`,
      );
      break;
    case "registered":
      add(
        "info",
        "signed",
        `It is signed by "${signer.publisher}", with a key registered here (${shortKey(signer.keyId)}).`,
      );
      break;
    case "revoked":
      break;
  }
  return found;
}
