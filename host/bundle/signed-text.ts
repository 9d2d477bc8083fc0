/** Which text does a publisher sign? It begins with its purpose, so that no signature means two things. Pure. */
import { toCanonicalJson } from "../canonical-json.ts";

/** What a signature is about. */
export interface Signed {
  readonly plugin: string;
  readonly version: string;
  /** `digestFiles` of every file but `signature.json`. */
  readonly files: string;
  readonly keyId: string;
  readonly publisher: string;
  /** ISO 8601. */
  readonly signedAt: string;
  /** ISO 8601, or null: it does not end. */
  readonly expiresAt: string | null;
}

/** The text of a bundle's signature. */
export function toSignedText({ plugin, version, files, keyId, publisher, signedAt, expiresAt }: Signed): string {
  const said = { plugin, version, files, keyId, publisher, signedAt, expiresAt };
  return `bulkhead-signature-1\n${toCanonicalJson(said)}`;
}

/** The text by which a key names the one that takes its place. */
export function toRotationText({ from, to }: { readonly from: string; readonly to: string }): string {
  return `bulkhead-key-rotation-1\n${toCanonicalJson({ from, to })}`;
}
