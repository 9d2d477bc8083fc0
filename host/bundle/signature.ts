/**
 * Who signed these files? Reads `signature.json` and checks it against everything else in the bundle. A signature that is
 * there holds or refuses the bundle; whether its key is one to trust is asked elsewhere (`host/publishers/`).
 */
import { z } from "zod";
import { fail, ok, type Result } from "../result.ts";
import { digestFiles } from "./digest.ts";
import { SIGNATURE_LIMITS } from "./limits.ts";
import { parsePublicKey, verifyText } from "./publisher-key.ts";
import { toRotationText, toSignedText } from "./signed-text.ts";
import type { BundleFiles } from "./unpack.ts";

/** Where it stands in a bundle. */
export const SIGNATURE_FILE = "signature.json";

/** A signature that holds. */
export interface BundleSignature {
  readonly keyId: string;
  readonly publicKey: string;
  /** The signer's own word, unless its key is registered under it. */
  readonly publisher: string;
  readonly signedAt: string;
  readonly expiresAt: string | null;
  /** The key that named this one as the one that takes its place. */
  readonly previousKeyId: string | null;
}

/** Why a signature is refused. */
export interface SignatureReason {
  readonly code:
    | "signature-malformed"
    | "signature-key"
    | "signature-forged"
    | "signature-expired"
    | "signature-not-yet"
    | "signature-publisher"
    | "signature-previous"
    // Asked later, with what this host knows of the key.
    | "signature-revoked"
    | "signature-replaced";
  readonly message: string;
}

const AGAIN = "Sign the bundle again: npx bulkhead sign";
const time = z.iso.datetime({ error: "Expected a time in UTC such as 2026-11-23T04:00:00.000Z" });
/** Nothing that turns or hides the text around it: people read this name. */
const name = z
  .string()
  .min(1)
  .max(SIGNATURE_LIMITS.publisherChars)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, "has characters that cannot be seen");
const shape = z.strictObject({
  keyId: z.string().max(64),
  publicKey: z.string().max(64),
  publisher: name,
  signedAt: time,
  expiresAt: time.optional(),
  signature: z.string().max(128),
  previous: z.strictObject({ publicKey: z.string().max(64), signature: z.string().max(128) }).optional(),
});

/** Of which plugin the signature is to be, and when it is. */
export interface SignatureContext {
  readonly plugin: string;
  readonly version: string;
  /** `bulkhead.publisher` of the manifest. */
  readonly publisher: string | undefined;
  readonly now: Date;
}

/** The signature of the files, or null where there is none. Never throws on bad input. */
export async function readSignature(
  files: BundleFiles,
  { plugin, version, publisher, now }: SignatureContext,
): Promise<Result<BundleSignature | null, SignatureReason>> {
  const no = (code: SignatureReason["code"], message: string) => fail({ code, message });
  const bytes = files.get(SIGNATURE_FILE);
  if (!bytes) return ok(null);
  const parsed = shape.safeParse(toJson(bytes));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join(".") || "the file";
    return no("signature-malformed", `${SIGNATURE_FILE} is not a signature (${where}: ${issue?.message}). ${AGAIN}`);
  }
  const { signature, previous, expiresAt = null, ...said } = parsed.data;
  const key = await parsePublicKey(said.publicKey);
  if (!key.ok) return no("signature-key", `${SIGNATURE_FILE}: ${key.reason}`);
  const { keyId } = key.value;
  if (said.keyId !== keyId) {
    return no(
      "signature-key",
      `${SIGNATURE_FILE} names the key ${said.keyId.slice(0, 64)}, but holds ${keyId}. ${AGAIN}`,
    );
  }
  const rest = new Map([...files].filter(([path]) => path !== SIGNATURE_FILE));
  const text = toSignedText({ ...said, plugin, version, files: await digestFiles(rest), expiresAt });
  // SECURITY: over every other file, for this plugin and version alone. (tests/host/signatures.test.ts, "is refused: $says")
  if (!(await verifyText(key.value, signature, text))) {
    return no(
      "signature-forged",
      `The signature is not one of the key ${keyId} over these files as ${plugin} ${version}: a file was changed after signing, or it was made for another bundle. ${AGAIN}`,
    );
  }
  if (publisher !== undefined && publisher !== said.publisher) {
    return no(
      "signature-publisher",
      `The manifest names the publisher "${publisher.slice(0, 80)}", the signature "${said.publisher.slice(0, 80)}". Use one name in both`,
    );
  }
  if (new Date(said.signedAt).getTime() > now.getTime() + SIGNATURE_LIMITS.clockAheadMs) {
    return no(
      "signature-not-yet",
      `It was signed at ${said.signedAt}, which is yet to come. Set the clock and sign again`,
    );
  }
  if (isExpired({ expiresAt }, now)) return fail(expired(expiresAt));
  const before = previous && (await parsePublicKey(previous.publicKey));
  if (before) {
    const isNamed =
      before.ok &&
      (await verifyText(before.value, previous.signature, toRotationText({ from: before.value.keyId, to: keyId })));
    if (!isNamed) {
      return no(
        "signature-previous",
        `The key it claims to take the place of did not sign for ${keyId}. Sign with --previous and the old key, or without`,
      );
    }
  }
  return ok({ ...said, expiresAt, previousKeyId: before?.ok ? before.value.keyId : null });
}

/** Whether the time it was given is over. */
export function isExpired({ expiresAt }: Pick<BundleSignature, "expiresAt">, now: Date): boolean {
  return expiresAt !== null && new Date(expiresAt) <= now;
}

/** The refusal of one whose time is over. */
export function expired(expiresAt: string | null): SignatureReason {
  return { code: "signature-expired", message: `The signature expired at ${expiresAt}. ${AGAIN}` };
}

function toJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    return undefined;
  }
}
