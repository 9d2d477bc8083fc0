/**
 * How do new values become a plugin's settings? All are checked before the first is written; plain values go to KV as
 * text, secrets sealed to D1. Null removes.
 */
import { parseSetting, type PluginManifest } from "@bulkhead/sdk";
import type { Actor } from "../actor.ts";
import { HostError, type ProblemIssue } from "../errors.ts";
import { commitAct } from "../lifecycle/act.ts";
import type { Services } from "../services.ts";
import { deleteSecret, putSecret } from "../store/d1/secrets.ts";
import { sealSecret } from "./secrets.ts";

/** New values by key; null removes one. */
export type SettingValues = Readonly<Record<string, string | number | boolean | null>>;

/** Writes settings. Throws SETTINGS_INVALID with every fault, and then has written nothing. */
export async function writeSettings(
  services: Services,
  by: Actor,
  manifest: PluginManifest,
  values: SettingValues,
): Promise<void> {
  const schema = manifest.admin.settingsSchema;
  const issues: ProblemIssue[] = [];
  for (const [key, value] of Object.entries(values)) {
    const field = Object.hasOwn(schema, key) ? schema[key] : undefined;
    const path = `values.${key.slice(0, 80)}`;
    if (!field) {
      const known = Object.keys(schema).join(", ") || "none";
      issues.push({ path, code: "unknown", message: `${manifest.id} has no such setting. It has: ${known}` });
      continue;
    }
    if (value === null) continue;
    const parsed = parseSetting(field, String(value));
    if (!parsed.ok) issues.push({ path, code: "invalid", message: parsed.message });
    else if (field.type === "secret" && value === "")
      issues.push({ path, code: "invalid", message: "A secret cannot be empty; send null to remove it" });
  }
  if (issues.length > 0) {
    const first = issues[0]!;
    throw new HostError("SETTINGS_INVALID", `${first.path}: ${first.message}. Nothing was saved.`, issues);
  }
  const entries = Object.entries(values);
  const secrets = entries.filter(([key]) => schema[key]?.type === "secret");
  const at = services.now().toISOString();
  const statements = await Promise.all(
    secrets.map(async ([key, value]) =>
      value === null
        ? deleteSecret(services.db, manifest.id, key)
        : putSecret(services.db, manifest.id, {
            key,
            envelope: await sealSecret(services.secretsKey, { plugin: manifest.id, key }, String(value)),
            set_at: at,
            set_by: by.id,
          }),
    ),
  );
  await commitAct(services, by, async () => ({
    statements,
    act: "plugin.settings",
    target: manifest.id,
    // Which keys changed is on record; values are not, secret or otherwise.
    detail: { keys: entries.map(([key]) => key) },
    value: undefined,
  }));
  for (const [key, value] of entries.filter(([name]) => schema[name]?.type !== "secret")) {
    if (value === null) await services.settings.remove(manifest.id, key);
    else await services.settings.write(manifest.id, key, String(value));
  }
}
