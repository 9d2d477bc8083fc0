/** How does somebody sign in? With the bootstrap token or a one-time link's code; both end in a session row and a cookie. */
import type { Role } from "../actor.ts";
import { isSameSecret, newToken, sha256 } from "../crypto.ts";
import { HostError } from "../errors.ts";
import type { Services } from "../services.ts";
import { putLink, putSession, useLink } from "../store/d1/sessions.ts";

/** How long a session and a link last. */
export const SIGN_IN_LIMITS = { sessionHours: 12, linkMinutes: 15 } as const;

/** A session that was opened. The token goes into the cookie and nowhere else. */
export interface OpenedSession {
  readonly token: string;
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly expiresAt: string;
}

/** Signs in. Throws UNAUTHENTICATED. */
export async function signIn(
  services: Services,
  proof: { readonly token: string } | { readonly code: string },
): Promise<OpenedSession> {
  const now = services.now();
  if ("code" in proof) {
    const link = await useLink(services.db, await sha256(proof.code), now.toISOString());
    if (!link)
      throw new HostError("UNAUTHENTICATED", "This sign-in link was used before or has expired. Ask for a new one.");
    return openSession(services, now, { id: "bootstrap", ...link });
  }
  if (services.bootstrapToken === "" || !(await isSameSecret(proof.token, services.bootstrapToken))) {
    throw new HostError(
      "UNAUTHENTICATED",
      "This token is not valid. npm start and npm run deploy print a sign-in link.",
    );
  }
  return openSession(services, now, { id: "bootstrap", name: "Administrator", role: "admin" });
}

/** A one-time code that signs in once within 15 minutes. */
export async function createLink(services: Services): Promise<{ readonly code: string; readonly expiresAt: string }> {
  const now = services.now();
  const code = newToken();
  const expiresAt = new Date(now.getTime() + SIGN_IN_LIMITS.linkMinutes * 60_000).toISOString();
  await putLink(services.db, {
    token_hash: await sha256(code),
    name: "Administrator",
    role: "admin",
    created_at: now.toISOString(),
    expires_at: expiresAt,
  });
  return { code, expiresAt };
}

async function openSession(
  services: Services,
  now: Date,
  who: { readonly id: string; readonly name: string; readonly role: Role },
): Promise<OpenedSession> {
  const token = newToken();
  const expiresAt = new Date(now.getTime() + SIGN_IN_LIMITS.sessionHours * 3_600_000).toISOString();
  await putSession(services.db, {
    token_hash: await sha256(token),
    actor_id: who.id,
    name: who.name,
    role: who.role,
    created_at: now.toISOString(),
    expires_at: expiresAt,
  });
  return { token, ...who, expiresAt };
}
