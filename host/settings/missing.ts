/** Which required settings have no value yet? Pure. While there is one, the plugin's schedules wait. */
import type { PluginManifest } from "@bulkhead/sdk";
import type { ReadSettings } from "./read.ts";

/** A setting somebody has to fill in. */
export interface MissingSetting {
  readonly key: string;
  readonly label: string;
}

/** The required settings without a value; one whose `when` does not hold is not required. */
export function findMissing(manifest: PluginManifest, { values, secrets }: ReadSettings): readonly MissingSetting[] {
  return (manifest.bulkhead.requiredSettings ?? [])
    .filter(({ when = {} }) => Object.entries(when).every(([key, wanted]) => String(values.get(key) ?? "") === wanted))
    .filter(({ key }) => {
      const value = values.get(key);
      return (value === undefined || value === "") && !secrets.has(key);
    })
    .map(({ key }) => ({ key, label: manifest.admin.settingsSchema[key]?.label ?? key }));
}
