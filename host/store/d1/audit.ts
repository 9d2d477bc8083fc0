/** The audit's rows. Appending is a statement for the batch of the act it records; the database refuses all else. */

/** A row of `_host_audit`. */
export interface AuditRow {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly act: string;
  readonly target: string;
  /** JSON text. */
  readonly detail: string;
  readonly hash: string;
}

/** The newest row's number and hash; 0 and empty before the first. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}

/** Reads the head. */
export async function readHead(db: D1Database): Promise<AuditHead> {
  const row = await db.prepare("SELECT seq, hash FROM _host_audit ORDER BY seq DESC LIMIT 1").first<AuditHead>();
  return row ?? { seq: 0, hash: "" };
}

/** Appends rows. The whole batch fails where another writer took one of the numbers. */
export function appendRows(db: D1Database, rows: readonly AuditRow[]): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO _host_audit (seq, at, actor, act, target, detail, hash)
       SELECT value->>'seq', value->>'at', value->>'actor', value->>'act', value->>'target', value->>'detail',
         value->>'hash' FROM json_each(?)`,
    )
    .bind(JSON.stringify(rows));
}

/** Whether this very row is in the chain. */
export async function hasRow(db: D1Database, { seq, hash }: AuditRow): Promise<boolean> {
  const row = await db.prepare("SELECT 1 AS found FROM _host_audit WHERE seq = ? AND hash = ?").bind(seq, hash).first();
  return row !== null;
}

/** Whether a batch failed because another writer took the audit number. */
export function isAuditConflict(error: unknown): boolean {
  return error instanceof Error && /audit sequence taken|UNIQUE constraint failed: \w+audit\.seq/.test(error.message);
}

/** Whether anybody ever consented to these bytes as this version. Grants do not tell: a version may ask for nothing. */
export async function wasConsentedTo(
  db: D1Database,
  { plugin, version, digest }: { readonly plugin: string; readonly version: string; readonly digest: string },
): Promise<boolean> {
  const row = await db
    .prepare(
      `SELECT 1 AS found FROM _host_audit WHERE act = 'plugin.consent' AND target = ?
       AND detail->>'version' = ? AND detail->>'digest' = ? LIMIT 1`,
    )
    .bind(plugin, version, digest)
    .first();
  return row !== null;
}

/** Whether the last consent to anything of a plugin is this very one: the same person's, with the same choices. */
export async function isLastConsent(
  db: D1Database,
  { plugin, actor, request }: { readonly plugin: string; readonly actor: string; readonly request: string },
): Promise<boolean> {
  const row = await db
    .prepare(
      `SELECT actor, detail->>'request' AS request FROM _host_audit WHERE act = 'plugin.consent' AND target = ?
       ORDER BY seq DESC LIMIT 1`,
    )
    .bind(plugin)
    .first<{ actor: string; request: string | null }>();
  return row?.actor === actor && row.request === request;
}

/** Rows older than `before`, newest first. */
export async function listAudit(
  db: D1Database,
  before: number | undefined,
  limit: number,
): Promise<readonly AuditRow[]> {
  const { results } = await db
    .prepare("SELECT * FROM _host_audit WHERE seq < ? ORDER BY seq DESC LIMIT ?")
    .bind(before ?? Number.MAX_SAFE_INTEGER, limit)
    .all<AuditRow>();
  return results;
}

/** Rows from `after` on, oldest first; without `after` from the very first, whatever its number. */
export async function readAudit(
  db: D1Database,
  after: number | undefined,
  limit: number,
): Promise<readonly AuditRow[]> {
  const statement =
    after === undefined
      ? // SECURITY: a row that was put in below number 1 is one too many. (tests/host/audit.test.ts, "by $name is noticed")
        db.prepare("SELECT * FROM _host_audit ORDER BY seq LIMIT ?").bind(limit)
      : db.prepare("SELECT * FROM _host_audit WHERE seq > ? ORDER BY seq LIMIT ?").bind(after, limit);
  return (await statement.all<AuditRow>()).results;
}
