/**
 * What of a text may be shown where a plugin knows a secret? All but the secret. A plugin in EmDash's format reads its
 * secrets, and servers echo what they are sent; neither may carry one into logs, errors, panels or the audit. Encodings
 * beyond JSON's and an address's are not recognised.
 */
import type { ActivePlugin } from "../registry/active-plugin.ts";
import type { Services } from "../services.ts";
import { listSecrets } from "../store/d1/secrets.ts";
import { openSecret } from "./secrets.ts";

/** The text without any of a plugin's secrets. */
export type Redact = (text: string) => string;

/** Finds how to redact what a plugin says. */
export type Redactors = (plugin: ActivePlugin) => Promise<Redact>;

/** Shorter ones would tear up ordinary words, and are no secrets. */
export const SHORTEST_SECRET = 6;
/** What stands in the place of a secret. */
export const REDACTED = "[redacted]";

/**
 * Values as they are and as JSON and addresses write them, where names of hosts are in lower case; the longest first, since
 * one may be a part of another.
 */
export function toSpellings(values: readonly string[]): readonly string[] {
  const spellings = new Set(
    // A header's value is sent without the blanks around it.
    values
      .flatMap((value) => [value, value.trim()])
      .flatMap((value) => [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), value.toLowerCase()]),
  );
  return [...spellings].toSorted((a, b) => b.length - a.length);
}

/** Redacts these values in all their spellings. */
export function toRedact(values: readonly string[]): Redact {
  const ordered = toSpellings(values.filter((value) => value.trim().length >= SHORTEST_SECRET));
  return (text) => ordered.reduce((clean, value) => clean.replaceAll(value, REDACTED), text);
}

const AS_IT_IS: Redact = (text) => text;

/** Redactors over the database. A plugin's secrets are looked up once for each change to plugins or settings. */
export function createRedactors({ db, secretsKeys, log }: Pick<Services, "db" | "secretsKeys" | "log">): Redactors {
  const known = new WeakMap<ActivePlugin, Promise<Redact>>();

  async function find({ id }: ActivePlugin): Promise<Redact> {
    const rows = await listSecrets(db, id);
    const values = await Promise.all(
      rows.map(async ({ key, envelope }) => {
        try {
          return await openSecret(secretsKeys, { plugin: id, key }, envelope);
        } catch {
          // What the host cannot open the plugin has not read either.
          return "";
        }
      }),
    );
    return toRedact(values);
  }

  return (plugin) => {
    const hasSecrets = Object.values(plugin.manifest.admin.settingsSchema).some((field) => field.type === "secret");
    if (!hasSecrets) return Promise.resolve(AS_IT_IS);
    const kept = known.get(plugin);
    if (kept) return kept;
    const found = find(plugin).catch((error: unknown): Redact => {
      known.delete(plugin);
      log("error", "secrets not looked up", { plugin: plugin.id, error: String(error) });
      // SECURITY: not knowing what to leave out, nothing is shown. (tests/host/redaction.source.test.ts, "while the database does not answer")
      return () => REDACTED;
    });
    known.set(plugin, found);
    return found;
  };
}
