/** Which required settings have no value yet? Pure. While there is one, the plugin's schedules wait. */
import type { PluginManifest, SettingValue } from "@bulkhead/sdk";
import type { ReadSettings } from "./read.ts";

/** A setting somebody has to fill in. */
export interface MissingSetting {
  readonly key: string;
  readonly label: string;
}

/** The settings that are required while the others have these values. */
export function findRequired(
  manifest: PluginManifest,
  valueOf: (key: string) => SettingValue | undefined,
): ReadonlySet<string> {
  const required = (manifest.bulkhead.requiredSettings ?? []).filter(({ when = {} }) =>
    Object.entries(when).every(([key, wanted]) => String(valueOf(key) ?? "") === wanted),
  );
  return new Set(required.map(({ key }) => key));
}

/** The required settings without a value. */
export function findMissing(manifest: PluginManifest, { values, secrets }: ReadSettings): readonly MissingSetting[] {
  return [...findRequired(manifest, (key) => values.get(key))]
    .filter((key) => (values.get(key) ?? "") === "" && !secrets.has(key))
    .map((key) => ({ key, label: manifest.admin.settingsSchema[key]?.label ?? key }));
}
