/**
 * How old may a setting be? A plugin's texts are kept in the isolate for a while, so that a page view costs no read of KV;
 * what has to be up to date (a schedule's run, the dashboard) asks for it fresh, and so refreshes what is kept.
 */
import type { SettingsStore } from "../store/kv/settings.ts";

/** Seconds texts are kept, where `SETTINGS_MAX_AGE` says nothing else. */
export const SETTINGS_MAX_AGE_S = 30;

/** Plugins whose texts an isolate keeps; beyond that all are forgotten. */
const KEPT_PLUGINS = 200;

/** What keeping takes. */
export interface KeptOptions {
  readonly maxAgeMs: number;
  readonly now: () => Date;
}

/** A store that keeps what it has read. */
export function createKeptSettings(store: SettingsStore, { maxAgeMs, now }: KeptOptions): SettingsStore {
  const kept = new Map<string, { readonly at: number; readonly texts: ReadonlyMap<string, string | null> }>();

  return {
    async read(plugin, keys, options) {
      const time = now().getTime();
      const known = kept.get(plugin);
      if (options?.age !== "fresh" && known && time - known.at < maxAgeMs && keys.every((key) => known.texts.has(key)))
        return keys.map((key) => known.texts.get(key) ?? null);
      const texts = await store.read(plugin, keys);
      if (kept.size >= KEPT_PLUGINS) kept.clear();
      kept.set(plugin, { at: time, texts: new Map(keys.map((key, i) => [key, texts[i] ?? null])) });
      return texts;
    },
    async write(plugin, key, text) {
      await store.write(plugin, key, text);
      kept.delete(plugin);
    },
    async remove(plugin, key) {
      await store.remove(plugin, key);
      kept.delete(plugin);
    },
  };
}
