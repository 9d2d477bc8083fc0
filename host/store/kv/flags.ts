/**
 * Where are switches kept that must work without the database? KV, key `kill:<scope>`; whatever stands there, and be it
 * `false`, says off. What an isolate reads are two keys: `kill:all`, and `killed`, the list of the others, because listing
 * keys costs more than a page view is worth. SECURITY: a value here can only take away. (tests/host/kill-switch.test.ts, "can only deny")
 */
import { SWITCH_LIMITS } from "../../policy/limits.ts";

/** Switches outside the database. */
export interface Flags {
  /** The scopes that are off, as far as this place knows: a change may take a minute to arrive. Throws where KV has no good answer. */
  read(): Promise<readonly string[]>;
  /** The scopes whose flags are there, by listing them; with their values. For people, not for each request. */
  list(): Promise<readonly { readonly scope: string; readonly value: string }[]>;
  raise(scope: string, value: string): Promise<void>;
  lower(scope: string): Promise<void>;
  /** Writes the list of flags anew where it differs: two places may have changed it at once, or somebody a flag by hand. */
  mend(): Promise<void>;
}

const PREFIX = "kill:";
const ALL = "kill:all";
const LIST = "killed";
/** Most keys one `KVNamespace.get` takes at once. Source: Cloudflare's KV documentation. */
const BULK_READ = 100;

/** Flags in a KV namespace. */
export function createFlags(kv: KVNamespace): Flags {
  async function names(): Promise<readonly string[]> {
    const found: string[] = [];
    for (let cursor: string | undefined, more = true; more;) {
      const page = await kv.list({ prefix: PREFIX, ...(cursor === undefined ? {} : { cursor }) });
      found.push(...page.keys.map(({ name }) => name.slice(PREFIX.length)));
      cursor = page.list_complete ? undefined : page.cursor;
      more = cursor !== undefined;
    }
    return found;
  }
  async function putList(scopes: readonly string[]): Promise<void> {
    // `kill:all` is read for itself, so that whoever puts or deletes it by hand is understood at once.
    const sorted = [...new Set(scopes)].filter((scope) => scope !== "all").toSorted();
    // Never deleted: what is absent may be an old answer of the edge.
    await kv.put(LIST, JSON.stringify(sorted));
  }
  return {
    async read() {
      const found = await kv.get([ALL, LIST], { type: "text", cacheTtl: SWITCH_LIMITS.edgeSeconds });
      // SECURITY: before the list is read, so that no value in it hides this. (tests/host/kill-switch.source.test.ts, "that is no list")
      return (found.get(ALL) ?? null) === null ? parseList(found.get(LIST) ?? null) : ["all"];
    },
    async list() {
      const scopes = await names();
      const found: { readonly scope: string; readonly value: string }[] = [];
      for (let start = 0; start < scopes.length; start += BULK_READ) {
        const part = scopes.slice(start, start + BULK_READ);
        const values = await kv.get(part.map((scope) => PREFIX + scope));
        found.push(...part.map((scope) => ({ scope, value: values.get(PREFIX + scope) ?? "" })));
      }
      return found;
    },
    async raise(scope, value) {
      await kv.put(PREFIX + scope, value);
      // The list of keys may not have the new one yet.
      await putList([...(await names()), scope]);
    },
    async lower(scope) {
      await kv.delete(PREFIX + scope);
      await putList((await names()).filter((name) => name !== scope));
    },
    async mend() {
      const [scopes, text] = await Promise.all([names(), kv.get(LIST)]);
      const others = scopes.filter((scope) => scope !== "all").toSorted();
      if ((text ?? "[]") !== JSON.stringify(others)) await putList(others);
    },
  };
}

function parseList(text: string | null): readonly string[] {
  const list: unknown = text === null ? [] : JSON.parse(text);
  // Not the same as an empty list: whoever reads keeps to what it knew.
  if (!Array.isArray(list)) throw new Error(`The key ${LIST} in KV holds no list of scopes`);
  return list.filter((entry) => typeof entry === "string");
}
