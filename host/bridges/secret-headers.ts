/**
 * How does a secret get into a request without the guest seeing it? The guest marks header values with `{{name}}`; the
 * host fills them in, and only for hosts the manifest names for that secret.
 */
import { toHostPattern, toHostPatternText } from "@bulkhead/sdk";
import { coversRequest } from "../network/host-pattern.ts";
import { SHORTEST_SECRET } from "../settings/redactor.ts";
import { openSecret } from "../settings/secrets.ts";
import { listSecrets } from "../store/d1/secrets.ts";
import { BridgeError, type BridgeCall } from "./define-bridge.ts";

const PLACEHOLDER = /\{\{([A-Za-z][A-Za-z0-9_-]{0,63})\}\}/g;

/** Headers with their secrets filled in, and the values, for redaction of what comes back. */
export interface FilledHeaders {
  readonly pairs: readonly (readonly [string, string])[];
  readonly values: readonly string[];
}

/** Fills in the secrets for a request to `url`. */
export async function fillSecretHeaders(
  call: BridgeCall,
  url: URL,
  marked: Readonly<Record<string, string>>,
): Promise<FilledHeaders> {
  const names = new Set(
    Object.values(marked).flatMap((text) => [...text.matchAll(PLACEHOLDER)].map((found) => found[1]!)),
  );
  const values = new Map<string, string>();
  for (const name of names) values.set(name, await openBoundSecret(call, name, url));
  const pairs = Object.entries(marked).map(
    ([name, text]) => [name, text.replace(PLACEHOLDER, (_, key: string) => values.get(key) ?? "")] as const,
  );
  return { pairs, values: [...values.values()] };
}

/** The value of a secret that may be sent to `url`. Throws DENIED where it may not, FAILED where it is not set. */
export async function openBoundSecret(call: BridgeCall, name: string, url: URL): Promise<string> {
  await assertBound(call, name, url);
  const row = (await listSecrets(call.services.db, call.plugin.id)).find((candidate) => candidate.key === name);
  if (!row) throw new BridgeError("FAILED", `The secret "${name}" is not set. Set it in the plugin's settings.`);
  return openSecret(call.services.secretsKeys, { plugin: call.plugin.id, key: name }, row.envelope);
}

/**
 * The values of all secrets that a server at `url` may have been sent, in this request or an earlier one; not those that
 * are no longer than a word. A request that carries none may be answered with one: a list of what was registered.
 */
export async function openSecretsOf(call: BridgeCall, url: URL): Promise<readonly string[]> {
  const names: string[] = [];
  for (const [name, { hosts }] of Object.entries(call.plugin.manifest.bulkhead.secrets ?? {}))
    if (await isBoundTo(call, hosts, url)) names.push(name);
  if (names.length === 0) return [];
  const rows = (await listSecrets(call.services.db, call.plugin.id)).filter(({ key }) => names.includes(key));
  const values = await Promise.all(
    rows.map(({ key, envelope }) =>
      // What cannot be opened was not sent under the present keys; whoever fills it in says so.
      openSecret(call.services.secretsKeys, { plugin: call.plugin.id, key }, envelope).catch(() => ""),
    ),
  );
  return values.filter((value) => value.trim().length >= SHORTEST_SECRET);
}

/** SECURITY: a secret goes to the hosts it was declared for and to no other granted one. (tests/host/settings.test.ts, "refused for another granted one") */
async function assertBound(call: BridgeCall, name: string, url: URL): Promise<void> {
  const secrets = call.plugin.manifest.bulkhead.secrets ?? {};
  const bound = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  if (!bound)
    throw new BridgeError(
      "DENIED",
      `"${name}" is not a secret of this plugin. Add it to "bulkhead.secrets" in the manifest.`,
    );
  // SECURITY: whatever a setting or a manifest of an earlier version says. (tests/host/settings.test.ts, "over plain http")
  if (url.protocol !== "https:") {
    throw new BridgeError("DENIED", `The secret "${name}" may not be sent over ${url.protocol} Use https.`);
  }
  if (await isBoundTo(call, bound.hosts, url)) return;
  throw new BridgeError(
    "DENIED",
    `The secret "${name}" may not be sent to ${url.host}. It is declared for ${bound.hosts.join(", ")}.`,
  );
}

async function isBoundTo(call: BridgeCall, hosts: readonly string[], url: URL): Promise<boolean> {
  for (const pattern of hosts) {
    const setting = /^\{setting:(.+)\}$/.exec(pattern)?.[1];
    const meant = setting === undefined ? pattern : await hostOfSetting(call, setting);
    if (meant !== undefined && coversRequest([meant], url)) return true;
  }
  return false;
}

/** The narrowest pattern for the address a setting holds. */
async function hostOfSetting(call: BridgeCall, key: string): Promise<string | undefined> {
  const value = (await call.settings()).values.get(key);
  const host = typeof value === "string" && URL.canParse(value) ? toHostPattern(new URL(value)) : undefined;
  return host && toHostPatternText(host);
}
