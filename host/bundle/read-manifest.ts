/** Is there a manifest in these files, and is it one this host can serve? */
import { parseManifest, type ManifestIssue, type PluginManifest } from "@bulkhead/sdk";
import { fail, ok, type Result } from "../result.ts";
import type { BundleFiles } from "./unpack.ts";

/** A manifest as it stands in the bundle, and parsed. */
export interface ReadManifest {
  readonly manifest: PluginManifest;
  /** The text that is stored and hashed; parsing may become stricter or more generous later. */
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
  const parsed = parseManifest(json);
  if (!parsed.ok) return fail(parsed.issues);
  const unusedKeys = Object.keys(json as object).filter((key) => !READ_KEYS.has(key));
  return ok({ manifest: parsed.manifest, text, unusedKeys });
}
