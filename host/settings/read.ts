/** What are a plugin's settings now? Raw texts from KV parsed by the schema; a text that does not fit reads as unset. */
import { defaultSetting, parseSetting, type PluginManifest, type SettingValue } from "@bulkhead/sdk";
import type { Services } from "../services.ts";
import { listSecrets } from "../store/d1/secrets.ts";

/** Settings with their faults. */
export interface ReadSettings {
  /** Values set or defaulted; secrets are not among them. */
  readonly values: ReadonlyMap<string, SettingValue>;
  /** What is wrong with a text that stands in KV, by key. */
  readonly faults: ReadonlyMap<string, string>;
  /** When each secret was set, by key. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** Reads every setting of a plugin: one bulk read of KV, where this isolate has not kept them, and one row set of D1. */
export async function readSettings(
  { settings, db }: Pick<Services, "settings" | "db">,
  manifest: PluginManifest,
  options: { readonly age: "fresh" | "kept" } = { age: "fresh" },
): Promise<ReadSettings> {
  const fields = Object.entries(manifest.admin.settingsSchema);
  const [texts, secretRows] = await Promise.all([
    settings.read(
      manifest.id,
      fields.map(([key]) => key),
      options,
    ),
    fields.some(([, field]) => field.type === "secret") ? listSecrets(db, manifest.id) : [],
  ]);
  const values = new Map<string, SettingValue>();
  const faults = new Map<string, string>();
  for (const [i, [key, field]] of fields.entries()) {
    const text = texts[i] ?? null;
    if (field.type === "secret") {
      // SECURITY: a secret put in plain text into KV is not used, and said. (tests/host/settings.test.ts, "put as plain text at its KV key")
      if (text !== null) faults.set(key, "A secret does not belong in KV: remove it there and set it in the dashboard");
      continue;
    }
    const parsed = text === null ? undefined : parseSetting(field, text);
    const value = parsed?.ok ? parsed.value : defaultSetting(field);
    if (parsed && !parsed.ok) faults.set(key, parsed.message);
    if (value !== undefined) values.set(key, value);
  }
  const declared = new Set(fields.filter(([, field]) => field.type === "secret").map(([key]) => key));
  const secrets = new Map(secretRows.filter((row) => declared.has(row.key)).map((row) => [row.key, row.set_at]));
  return { values, faults, secrets };
}
