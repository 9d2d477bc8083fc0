/**
 * Where plugins' settings are kept: KV, key `settings:<plugin>:<key>`, raw text, so that one `wrangler kv key put` sets
 * one. KV never grants anything. Secrets are not kept here.
 */

/** Raw setting texts. */
export interface SettingsStore {
  /** The texts at the keys, in the same order; null where there is none. */
  read(
    plugin: string,
    keys: readonly string[],
    /** `fresh`: as KV has them now, not as this isolate may have kept them. */
    options?: { readonly age: "fresh" | "kept" },
  ): Promise<readonly (string | null)[]>;
  write(plugin: string, key: string, text: string): Promise<void>;
  remove(plugin: string, key: string): Promise<void>;
}

/** The KV key of a setting. */
export function settingKey(plugin: string, key: string): string {
  return `settings:${plugin}:${key}`;
}

/** Most keys one `KVNamespace.get` takes at once. Source: Cloudflare's KV documentation. */
const BULK_READ = 100;

/** A settings store on a KV namespace. */
export function createSettingsStore(kv: KVNamespace): SettingsStore {
  return {
    async read(plugin, keys) {
      const found = new Map<string, string | null>();
      for (let start = 0; start < keys.length; start += BULK_READ) {
        const names = keys.slice(start, start + BULK_READ).map((key) => settingKey(plugin, key));
        // One bulk read is one operation of the Worker's budget; ten single reads would be ten.
        for (const [name, text] of await kv.get(names)) found.set(name, text);
      }
      return keys.map((key) => found.get(settingKey(plugin, key)) ?? null);
    },
    async write(plugin, key, text) {
      await kv.put(settingKey(plugin, key), text);
    },
    async remove(plugin, key) {
      await kv.delete(settingKey(plugin, key));
    },
  };
}
