/** Sign-in sessions and one-time links. Only hashes of tokens are stored. */
import type { Role } from "../../actor.ts";

/** A row of `_host_sessions`. */
export interface SessionRow {
  readonly token_hash: string;
  readonly actor_id: string;
  readonly name: string;
  readonly role: Role;
  readonly created_at: string;
  readonly expires_at: string;
}

/** The session of a token, where it has not expired. */
export async function findSession(db: D1Database, tokenHash: string, now: string): Promise<SessionRow | null> {
  return db
    .prepare("SELECT * FROM _host_sessions WHERE token_hash = ? AND expires_at > ?")
    .bind(tokenHash, now)
    .first<SessionRow>();
}

/** Writes a session and forgets the expired ones. */
export async function putSession(db: D1Database, row: SessionRow): Promise<void> {
  await db.batch([
    db.prepare("DELETE FROM _host_sessions WHERE expires_at <= ?").bind(row.created_at),
    db
      .prepare(
        "INSERT INTO _host_sessions (token_hash, actor_id, name, role, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
      )
      .bind(row.token_hash, row.actor_id, row.name, row.role, row.created_at, row.expires_at),
  ]);
}

/** Ends a session. */
export async function deleteSession(db: D1Database, tokenHash: string): Promise<void> {
  await db.prepare("DELETE FROM _host_sessions WHERE token_hash = ?").bind(tokenHash).run();
}

/** Writes a one-time sign-in link and forgets the expired ones. */
export async function putLink(
  db: D1Database,
  row: Pick<SessionRow, "token_hash" | "name" | "role" | "created_at" | "expires_at">,
): Promise<void> {
  await db.batch([
    db.prepare("DELETE FROM _host_tokens WHERE kind = 'link' AND expires_at <= ?").bind(row.created_at),
    db
      .prepare(
        `INSERT INTO _host_tokens (token_hash, kind, name, role, created_at, expires_at) VALUES (?, 'link', ?, ?, ?, ?)`,
      )
      .bind(row.token_hash, row.name, row.role, row.created_at, row.expires_at),
  ]);
}

/** Uses a link up; null where there is none, it expired or somebody was faster. */
export async function useLink(
  db: D1Database,
  tokenHash: string,
  now: string,
): Promise<{ readonly name: string; readonly role: Role } | null> {
  return db
    .prepare(
      `UPDATE _host_tokens SET used_at = ?1 WHERE token_hash = ?2 AND kind = 'link' AND used_at IS NULL AND expires_at > ?1
       RETURNING name, role`,
    )
    .bind(now, tokenHash)
    .first<{ name: string; role: Role }>();
}
