/**
 * Who sends this request? A bearer token (the bootstrap token of a fresh installation) or the dashboard's session
 * cookie. Nobody is a valid answer; a wrong token is not.
 */
import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import type { Actor } from "../actor.ts";
import type { Identity } from "../api/context.ts";
import { isSameSecret, sha256 } from "../crypto.ts";
import { HostError } from "../errors.ts";
import type { Services } from "../services.ts";
import { findSession } from "../store/d1/sessions.ts";

/** Whoever holds the bootstrap token. */
export const BOOTSTRAP_ACTOR: Actor = { kind: "token", id: "bootstrap", name: "Bootstrap token", role: "admin" };

/** The session cookie's name: `__Host-` over https, which browsers refuse on http. */
export function sessionCookie(url: URL): string {
  return url.protocol === "https:" ? "__Host-bulkhead" : "bulkhead";
}

/**
 * The caller, or undefined for a visitor. A header that is no valid token is refused with UNAUTHENTICATED, or ignored:
 * at a plugin's route it may be meant for the plugin, e.g. a webhook's own.
 */
export async function identify(
  c: Context,
  services: Pick<Services, "db" | "now" | "bootstrapToken">,
  at: "api" | "plugin-route",
): Promise<Identity | undefined> {
  const header = c.req.header("authorization");
  if (header !== undefined) {
    const token = /^Bearer (.+)$/i.exec(header)?.[1];
    if (token !== undefined && services.bootstrapToken !== "" && (await isSameSecret(token, services.bootstrapToken))) {
      return { actor: BOOTSTRAP_ACTOR, by: "bearer", expiresAt: null };
    }
    if (at === "plugin-route") return undefined;
    throw new HostError(
      "UNAUTHENTICATED",
      "The token in the Authorization header is not valid. Expected: Bearer <token>.",
    );
  }
  const cookie = getCookie(c, sessionCookie(new URL(c.req.url)));
  if (cookie === undefined) return undefined;
  const row = await findSession(services.db, await sha256(cookie), services.now().toISOString());
  if (!row) return undefined;
  return {
    actor: { kind: "user", id: row.actor_id, name: row.name, role: row.role },
    by: "cookie",
    expiresAt: row.expires_at,
  };
}
