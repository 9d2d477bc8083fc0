/**
 * The site's users as plugins may see them. SECURITY: five columns and no other, and nobody who is disabled
 * (tests/host/users.test.ts, "five columns and no other").
 */
import type { UserInfo } from "@bulkhead/sdk";
import { toIso } from "./content/row.ts";

/** Which users a list holds. */
export interface UserQuery {
  readonly role: number | undefined;
  /** The last id of the page before. */
  readonly before: string | undefined;
  readonly limit: number;
}

interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly role: number;
  readonly created_at: string | null;
}

const ENABLED = "SELECT id, email, name, role, created_at FROM users WHERE coalesce(disabled, 0) = 0";

/** A user by id. */
export async function readUser(db: D1Database, id: string): Promise<UserInfo | null> {
  const row = await db.prepare(`${ENABLED} AND id = ?`).bind(id).first<UserRow>();
  return row ? toUser(row) : null;
}

/** A user by address. EmDash keeps addresses in lower case. */
export async function readUserByEmail(db: D1Database, email: string): Promise<UserInfo | null> {
  const row = await db.prepare(`${ENABLED} AND email = ?`).bind(email.toLowerCase()).first<UserRow>();
  return row ? toUser(row) : null;
}

/** Users, the latest first. */
export async function listUsers(db: D1Database, { role, before, limit }: UserQuery): Promise<readonly UserInfo[]> {
  const { results } = await db
    .prepare(`${ENABLED} AND (?1 IS NULL OR role = ?1) AND id < ?2 ORDER BY id DESC LIMIT ?3`)
    .bind(role ?? null, before ?? "~", limit)
    .all<UserRow>();
  return results.map(toUser);
}

function toUser({ id, email, name, role, created_at }: UserRow): UserInfo {
  return { id, email, name, role, createdAt: toIso(created_at) ?? new Date(0).toISOString() };
}
