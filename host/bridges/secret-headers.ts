/**
 * How does a secret get into a request without the guest seeing it? The guest marks header values with `{{name}}`; the
 * host fills them in, and only for hosts the manifest names for that secret.
 */
import { matchesHost } from "../network/host-pattern.ts";
import { openSecret } from "../settings/secrets.ts";
import { listSecrets } from "../store/d1/secrets.ts";
import { BridgeError, type BridgeCall } from "./define-bridge.ts";

const PLACEHOLDER = /\{\{([A-Za-z][A-Za-z0-9_-]{0,63})\}\}/g;

/** Headers with their secrets filled in, and the values, for redaction of what comes back. */
export interface FilledHeaders {
  readonly pairs: readonly (readonly [string, string])[];
  readonly values: readonly string[];
}

/** Fills in the secrets for a request to `host`. */
export async function fillSecretHeaders(
  call: BridgeCall,
  host: string,
  marked: Readonly<Record<string, string>>,
): Promise<FilledHeaders> {
  const names = new Set(
    Object.values(marked).flatMap((text) => [...text.matchAll(PLACEHOLDER)].map((found) => found[1]!)),
  );
  const values = new Map<string, string>();
  if (names.size > 0) {
    const rows = await listSecrets(call.services.db, call.plugin.id);
    for (const name of names) {
      await assertBound(call, name, host);
      const row = rows.find((candidate) => candidate.key === name);
      if (!row) throw new BridgeError("FAILED", `The secret "${name}" is not set. Set it in the plugin's settings.`);
      values.set(
        name,
        await openSecret(call.services.secretsKeys, { plugin: call.plugin.id, key: name }, row.envelope),
      );
    }
  }
  const pairs = Object.entries(marked).map(
    ([name, text]) => [name, text.replace(PLACEHOLDER, (_, key: string) => values.get(key) ?? "")] as const,
  );
  return { pairs, values: [...values.values()] };
}

/** SECURITY: a secret goes to the hosts it was declared for and to no other granted one. (tests/host/settings.test.ts, "refused for another granted one") */
async function assertBound(call: BridgeCall, name: string, host: string): Promise<void> {
  const secrets = call.plugin.manifest.bulkhead.secrets ?? {};
  const bound = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  if (!bound)
    throw new BridgeError(
      "DENIED",
      `"${name}" is not a secret of this plugin. Add it to "bulkhead.secrets" in the manifest.`,
    );
  for (const pattern of bound.hosts) {
    const setting = /^\{setting:(.+)\}$/.exec(pattern)?.[1];
    if (setting === undefined ? matchesHost(pattern, host) : (await hostOfSetting(call, setting)) === host) return;
  }
  throw new BridgeError(
    "DENIED",
    `The secret "${name}" may not be sent to ${host}. It is declared for ${bound.hosts.join(", ")}.`,
  );
}

async function hostOfSetting(call: BridgeCall, key: string): Promise<string | undefined> {
  const value = (await call.settings()).values.get(key);
  return typeof value === "string" && URL.canParse(value) ? new URL(value).hostname : undefined;
}

/** The text without any of the values. SECURITY: a server that echoes a key does not hand it over. (tests/host/settings.test.ts, "an echo comes back redacted") */
export function redact(text: string, values: readonly string[]): string {
  return values.reduce((result, value) => (value === "" ? result : result.replaceAll(value, "[redacted]")), text);
}

/** The same for bytes that are no text. */
export function redactBytes(bytes: Uint8Array, values: readonly string[]): Uint8Array {
  if (values.length === 0) return bytes;
  const clean = redact(
    toBinaryText(bytes),
    values.map((value) => toBinaryText(new TextEncoder().encode(value))),
  );
  return Uint8Array.from(clean, (char) => char.charCodeAt(0));
}

/** One character for each byte. */
function toBinaryText(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return text;
}
