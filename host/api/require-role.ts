/** May this caller do that? One function; every protected handler starts with it. */
import type { Context } from "hono";
import type { Actor, Role } from "../actor.ts";
import { HostError } from "../errors.ts";
import type { HostEnv } from "./context.ts";

/** The caller, where it has one of the roles. `admin` has all of them. */
export function requireRole(c: Context<HostEnv>, ...roles: readonly Role[]): Actor {
  const actor = c.get("actor");
  if (!actor) {
    throw signInFirst();
  }
  const role = "role" in actor ? actor.role : undefined;
  if (role !== "admin" && (role === undefined || !roles.includes(role))) {
    throw new HostError(
      "FORBIDDEN",
      `This needs the role ${["admin", ...roles].join(" or ")}; ${actor.name} has ${role ?? "none"}.`,
    );
  }
  return actor;
}

/** The refusal of a visitor. */
export function signInFirst(): HostError {
  return new HostError("UNAUTHENTICATED", "Sign in first, or send an Authorization: Bearer token.");
}
