/** How does a test sign a bundle? As the command line does; and as nobody should. */
import { packFiles } from "../../host/bundle/pack.ts";
import { createSigningKey, signFiles, type SigningKey } from "../../host/bundle/sign.ts";
import type { PluginSource } from "./bundle.ts";

/** Who signs, and what the signature says besides. */
export interface Signature {
  readonly key: SigningKey;
  readonly publisher?: string;
  readonly signedAt?: Date;
  readonly expiresAt?: Date;
  readonly previous?: SigningKey;
  /** Changes the files after they were signed. */
  readonly after?: (files: Map<string, Uint8Array>) => void;
}

/** A new pair of keys. */
export function newKey(): Promise<SigningKey> {
  return createSigningKey();
}

/** The bundle, signed. */
export async function packSigned({ manifest, backend, files = {} }: PluginSource, signature: Signature) {
  const encode = (body: string | Uint8Array) => (typeof body === "string" ? new TextEncoder().encode(body) : body);
  const all: Readonly<Record<string, string | Uint8Array>> = {
    ...files,
    "manifest.json": JSON.stringify(manifest),
    "backend.js": backend,
  };
  const { key, publisher = "Acme", signedAt = new Date(), expiresAt = null, previous = null, after } = signature;
  const signed = new Map(
    await signFiles(new Map(Object.entries(all).map(([path, body]) => [path, encode(body)])), key, {
      plugin: String(manifest["id"]),
      version: String(manifest["version"]),
      publisher,
      signedAt,
      expiresAt,
      previous,
    }),
  );
  after?.(signed);
  return packFiles(signed);
}

/** Changes members of `signature.json` and nothing else. */
export function withSignature(
  change: (signature: Record<string, unknown>) => unknown,
): (files: Map<string, Uint8Array>) => void {
  return (files) => {
    const signature = JSON.parse(new TextDecoder().decode(files.get("signature.json"))) as Record<string, unknown>;
    files.set("signature.json", new TextEncoder().encode(JSON.stringify(change(signature) ?? signature)));
  };
}
