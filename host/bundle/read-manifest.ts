/** Is there a manifest in these files, and is it one this host can serve? */
import { parseManifest, type ManifestIssue, type PluginManifest } from "@bulkhead/sdk";
import { fail, ok, type Result } from "../result.ts";
import type { BundleFiles } from "./unpack.ts";

/** A manifest as it stands in the bundle, and parsed. */
export interface ReadManifest {
  readonly manifest: PluginManifest;
  /** The text that is stored; parsing may become stricter or more generous later. Asks for a database where there are migrations. */
  readonly text: string;
  /** Keys at the top of the file that this host does not read. */
  readonly unusedKeys: readonly string[];
}

const READ_KEYS = new Set([
  "id",
  "version",
  "declaredAccess",
  "capabilities",
  "allowedHosts",
  "storage",
  "hooks",
  "routes",
  "admin",
  "name",
  "description",
  "bulkhead",
  "$schema",
]);

/** Reads `manifest.json`; also checks that `backend.js` is there. */
export function readManifest(files: BundleFiles): Result<ReadManifest, readonly ManifestIssue[]> {
  const issue = (path: string, message: string) => fail([{ path, code: "missing" as const, message }]);
  const bytes = files.get("manifest.json");
  if (!bytes) return issue("manifest.json", "The bundle has no manifest.json at its top level");
  if (!files.has("backend.js")) return issue("backend.js", "The bundle has no backend.js at its top level");
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
    json = JSON.parse(text);
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : "it is not UTF-8";
    return fail([{ path: "manifest.json", code: "invalid", message: `manifest.json is not JSON: ${why}` }]);
  }
  if (hasMigrations(files) && asksForNoDatabase(json)) {
    json = { ...json, bulkhead: { ...json.bulkhead, database: {} } };
    text = JSON.stringify(json);
  }
  const parsed = parseManifest(json);
  if (!parsed.ok) return fail(parsed.issues);
  const unusedKeys = Object.keys(json as object).filter((key) => !READ_KEYS.has(key));
  return ok({ manifest: parsed.manifest, text, unusedKeys });
}

function hasMigrations(files: BundleFiles): boolean {
  return [...files.keys()].some((path) => path.startsWith("migrations/"));
}

/** Whether the manifest says nothing of a database; then its migrations say that it wants tables. */
function asksForNoDatabase(json: unknown): json is { readonly bulkhead?: object } {
  if (!isObject(json)) return false;
  const additions = (json as { readonly bulkhead?: unknown }).bulkhead ?? {};
  return isObject(additions) && !("database" in additions);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
