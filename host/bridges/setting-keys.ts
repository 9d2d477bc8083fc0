/** Which keys of `ctx.kv` are settings? `settings:<key>` of the schema, as in EmDash: read as the administrator set them. */
import { openSecret } from "../settings/secrets.ts";
import { listSecrets } from "../store/d1/secrets.ts";
import { BridgeError, type BridgeCall } from "./define-bridge.ts";

const SETTING = /^settings:(.+)$/;

/** The setting a key stands for, or undefined for one of the plugin's own. */
export function settingOf(call: BridgeCall, key: string): string | undefined {
  const name = SETTING.exec(key)?.[1];
  return name !== undefined && Object.hasOwn(call.plugin.manifest.admin.settingsSchema, name) ? name : undefined;
}

/** A setting's value, or null. */
export async function readSetting(call: BridgeCall, key: string): Promise<unknown> {
  const { manifest } = call.plugin;
  if (manifest.admin.settingsSchema[key]?.type !== "secret") return (await call.settings()).values.get(key) ?? null;
  // SECURITY: a secret bound to hosts is filled in by the host and never read. (tests/host/settings.test.ts, "bound to hosts cannot be read by the plugin")
  if (manifest.bulkhead.secrets?.[key]) {
    throw new BridgeError(
      "DENIED",
      `The secret "${key}" cannot be read. Send it with init.secretHeaders: {"authorization": "Bearer {{${key}}}"}.`,
    );
  }
  const row = (await listSecrets(call.services.db, manifest.id)).find((secret) => secret.key === key);
  return row ? openSecret(call.services.secretsKeys, { plugin: manifest.id, key }, row.envelope) : null;
}

/** Refuses to write a key that stands for a setting, or to read its revision: it has none. */
export function assertOwnKey(call: BridgeCall, key: string): void {
  if (settingOf(call, key) === undefined) return;
  throw new BridgeError(
    "DENIED",
    `Cannot set "${key}" or compare it: settings are changed by the administrator. Use another key for the plugin's own state.`,
  );
}
