/** How does a bundle on disk get a signature? Read as the host reads it, signed, written whole: what would be refused is not signed. */
import { readFile, writeFile } from "node:fs/promises";
import { packFiles } from "../host/bundle/pack.ts";
import { readManifest } from "../host/bundle/read-manifest.ts";
import { signFiles } from "../host/bundle/sign.ts";
import { readSignature } from "../host/bundle/signature.ts";
import { unpackBundle } from "../host/bundle/unpack.ts";
import type { AuthorKey } from "./key-file.ts";

/** What to sign, and how. */
export interface SignOrder {
  readonly bundle: string;
  readonly out: string;
  readonly by: AuthorKey;
  readonly previous: AuthorKey | null;
  readonly expiresAt: Date | null;
  readonly now: Date;
}

/** Signs the bundle, and answers what it is. Rejects with the host's own words where it would refuse it. */
export async function signBundle(order: SignOrder): Promise<{ readonly id: string; readonly version: string }> {
  const { bundle, out, by, previous, expiresAt, now } = order;
  const unpacked = await unpackBundle(new Uint8Array(await readFile(bundle)));
  if (!unpacked.ok) throw new Error(`Cannot sign ${bundle}: ${unpacked.reason.message}`);
  const read = readManifest(unpacked.value);
  if (!read.ok) {
    throw new Error(read.reason.map(({ path, message }) => `Cannot sign ${bundle}: ${path}: ${message}`).join("\n"));
  }
  const { id, version, bulkhead } = read.value.manifest;
  const said = { plugin: id, version, publisher: by.publisher };
  const signed = await signFiles(unpacked.value, by.key, {
    ...said,
    signedAt: now,
    expiresAt,
    previous: previous?.key ?? null,
  });
  const checked = await readSignature(signed, { plugin: id, version, publisher: bulkhead.publisher, now });
  if (!checked.ok) throw new Error(`Cannot sign ${bundle}: ${checked.reason.message}`);
  const archive = await packFiles(signed);
  const again = await unpackBundle(archive);
  if (!again.ok) throw new Error(`Cannot sign ${bundle}: signed, ${again.reason.message}`);
  await writeFile(out, archive);
  return { id, version };
}
