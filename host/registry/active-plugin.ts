/** What the running host needs of one plugin: its code's identity, what it declares and what it was granted. */
import { parseManifest, type PluginManifest } from "@bulkhead/sdk";
import type { PluginExports } from "../bundle/exports.ts";
import type { BundleSignature } from "../bundle/signature.ts";
import type { Grant } from "../permissions/grant.ts";
import type { TableRow } from "../store/d1/plugin-tables.ts";
import type { VersionRow } from "../store/d1/plugins.ts";

/** A plugin version as it runs. */
export interface ActivePlugin {
  readonly id: string;
  readonly version: string;
  readonly digest: string;
  readonly manifest: PluginManifest;
  readonly exports: PluginExports;
  readonly signature: BundleSignature | null;
  readonly grants: readonly Grant[];
  /** Its own SQL tables. */
  readonly tables: readonly TableRow[];
}

/** The signature that was verified at upload. */
export function toSignature({ signature }: Pick<VersionRow, "signature">): BundleSignature | null {
  return signature === null ? null : (JSON.parse(signature) as BundleSignature);
}

/** Builds it from its rows. Throws where the stored manifest no longer passes, which only a host update can cause. */
export function toActivePlugin(
  row: VersionRow,
  { grants, tables }: Pick<ActivePlugin, "grants" | "tables">,
): ActivePlugin {
  const parsed = parseManifest(JSON.parse(row.manifest));
  if (!parsed.ok) {
    const why = parsed.issues.map((issue) => `${issue.path}: ${issue.message}`).join("; ");
    throw new Error(`The manifest of ${row.plugin_id} ${row.version} no longer passes: ${why}`);
  }
  return {
    id: row.plugin_id,
    version: row.version,
    digest: row.digest,
    manifest: parsed.manifest,
    exports: JSON.parse(row.exports) as PluginExports,
    signature: toSignature(row),
    grants,
    tables,
  };
}
