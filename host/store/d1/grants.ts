/** Grants as rows, one per plugin version and capability. */
import { isCapability, type Capability } from "@bulkhead/sdk";
import type { Grant } from "../../permissions/grant.ts";

/** A row of `_host_grants`. */
export interface GrantRow {
  readonly plugin_id: string;
  readonly capability: string;
  readonly allowed: number;
  /** JSON lists. */
  readonly targets: string | null;
  readonly methods: string | null;
  readonly mode: string;
  readonly paused: number;
  readonly granted_by: string;
  readonly granted_at: string;
  readonly until: string | null;
  readonly note: string | null;
}

function toGrant(row: GrantRow): readonly Grant[] {
  // A name this code does not know grants nothing: an older host may stand on a newer database.
  if (!isCapability(row.capability)) return [];
  return [
    {
      capability: row.capability,
      allowed: row.allowed === 1,
      targets: toList(row.targets),
      methods: toList(row.methods),
      // A mode this code does not know is not the one that lets through.
      mode: row.mode === "report" ? "report" : "enforce",
      paused: row.paused !== 0,
      grantedBy: row.granted_by,
      grantedAt: row.granted_at,
      until: row.until,
      note: row.note,
    },
  ];
}

function toList(text: string | null): readonly string[] | null {
  return text === null ? null : (JSON.parse(text) as string[]);
}

function toText(list: readonly string[] | null): string | null {
  return list === null ? null : JSON.stringify(list);
}

/** The grants of a version. */
export async function listGrants(db: D1Database, plugin: string, version: string): Promise<readonly Grant[]> {
  const { results } = await db
    .prepare("SELECT * FROM _host_grants WHERE plugin_id = ? AND version = ? ORDER BY capability")
    .bind(plugin, version)
    .all<GrantRow>();
  return results.flatMap(toGrant);
}

/** A grant of a plugin that is not uninstalled, live or not. */
export interface HeldGrant {
  readonly plugin: string;
  /** JSON text as it stands in the bundle. */
  readonly manifest: string;
  readonly grant: Grant;
}

/** What the consented versions of all plugins that are not uninstalled hold of a power. */
export async function listHeldGrants(db: D1Database, capability: Capability): Promise<readonly HeldGrant[]> {
  const { results } = await db
    .prepare(
      `SELECT g.*, v.manifest FROM _host_plugins p
       JOIN _host_versions v ON v.plugin_id = p.id AND v.version = p.live_version
       JOIN _host_grants g ON g.plugin_id = p.id AND g.version = p.live_version
       WHERE p.state <> 'uninstalled' AND g.capability = ? ORDER BY p.id`,
    )
    .bind(capability)
    .all<GrantRow & { readonly manifest: string }>();
  return results.flatMap(({ manifest, ...row }) =>
    toGrant(row).map((grant) => ({ plugin: row.plugin_id, manifest, grant })),
  );
}

/** The grants of every live version. SECURITY: only rows given to these very bytes count. */
export function selectLiveGrants(db: D1Database): D1PreparedStatement {
  return db.prepare(
    `SELECT g.* FROM _host_plugins p
     JOIN _host_versions v ON v.plugin_id = p.id AND v.version = p.live_version
     JOIN _host_grants g ON g.plugin_id = p.id AND g.version = p.live_version AND g.digest = v.digest
     WHERE p.state = 'enabled' ORDER BY g.plugin_id, g.capability`,
  );
}

/** The rows of `selectLiveGrants`, by plugin. */
export function groupGrants(rows: readonly GrantRow[]): ReadonlyMap<string, readonly Grant[]> {
  return new Map(
    [...Map.groupBy(rows, (row) => row.plugin_id)].map(([plugin, group]) => [plugin, group.flatMap(toGrant)]),
  );
}

/** Replaces the grants of a version. */
export function putGrants(
  db: D1Database,
  plugin: string,
  version: string,
  digest: string,
  grants: readonly Grant[],
): readonly D1PreparedStatement[] {
  return [
    db.prepare("DELETE FROM _host_grants WHERE plugin_id = ? AND version = ?").bind(plugin, version),
    ...grants.map((grant) =>
      db
        .prepare(
          `INSERT INTO _host_grants (plugin_id, version, capability, digest, allowed, targets, methods, mode, paused,
             granted_by, granted_at, until, note)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .bind(
          plugin,
          version,
          grant.capability,
          digest,
          grant.allowed ? 1 : 0,
          toText(grant.targets),
          toText(grant.methods),
          grant.mode,
          grant.paused ? 1 : 0,
          grant.grantedBy,
          grant.grantedAt,
          grant.until,
          grant.note,
        ),
    ),
  ];
}

/** Removes every grant of a plugin. */
export function deleteGrants(db: D1Database, plugin: string): D1PreparedStatement {
  return db.prepare("DELETE FROM _host_grants WHERE plugin_id = ?").bind(plugin);
}
