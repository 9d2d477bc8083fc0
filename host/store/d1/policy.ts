/** Versions of the policy, and the switches that are thrown, as rows. The newest version is in force; none is ever changed. */

/** A row of `_host_policy`. */
export interface PolicyRow {
  readonly version: number;
  /** JSON text of a document that passed. */
  readonly document: string;
  readonly note: string;
  readonly by: string;
  readonly at: string;
  /** sha256 of the document's canonical JSON. */
  readonly digest: string;
}

/** A row of `_host_switches`. */
export interface SwitchRow {
  readonly scope: string;
  readonly on_at: string;
  readonly by: string;
  readonly note: string;
}

/** The version in force, for a batch that reads it together with what it bounds. */
export function selectPolicy(db: D1Database): D1PreparedStatement {
  return db.prepare(`SELECT version, document, note, "by", at, digest FROM _host_policy ORDER BY version DESC LIMIT 1`);
}

/** One version, or null. */
export async function getPolicyVersion(db: D1Database, version: number): Promise<PolicyRow | null> {
  return db
    .prepare(`SELECT version, document, note, "by", at, digest FROM _host_policy WHERE version = ?`)
    .bind(version)
    .first<PolicyRow>();
}

/** Versions, newest first, without their documents. */
export async function listPolicyVersions(
  db: D1Database,
  limit: number,
): Promise<readonly Omit<PolicyRow, "document">[]> {
  const { results } = await db
    .prepare(`SELECT version, note, "by", at, digest FROM _host_policy ORDER BY version DESC LIMIT ?`)
    .bind(limit)
    .all<Omit<PolicyRow, "document">>();
  return results;
}

/** Adds a version. Where somebody took the number it stays theirs: the audit row of the batch then fails all of it. */
export function putPolicyVersion(db: D1Database, row: PolicyRow): D1PreparedStatement {
  return db
    .prepare(`INSERT INTO _host_policy (version, document, note, "by", at, digest) VALUES (?, ?, ?, ?, ?, ?)`)
    .bind(row.version, row.document, row.note, row.by, row.at, row.digest);
}

/** Every switch that is thrown. */
export function selectSwitches(db: D1Database): D1PreparedStatement {
  return db.prepare(`SELECT scope, on_at, "by", note FROM _host_switches ORDER BY scope`);
}

/** Throws a switch; one that is thrown already keeps its time and takes the note. */
export function putSwitch(db: D1Database, row: SwitchRow): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO _host_switches (scope, on_at, "by", note) VALUES (?, ?, ?, ?)
       ON CONFLICT (scope) DO UPDATE SET "by" = excluded."by", note = excluded.note`,
    )
    .bind(row.scope, row.on_at, row.by, row.note);
}

/** Takes a switch back. */
export function deleteSwitch(db: D1Database, scope: string): D1PreparedStatement {
  return db.prepare("DELETE FROM _host_switches WHERE scope = ?").bind(scope);
}
