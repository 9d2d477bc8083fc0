/** What every handler of the Hono app finds in its context, put there by the middleware in `routes.ts`. */
import type { Actor } from "../actor.ts";
import type { Hooks } from "../hooks/hooks.ts";
import type { HostRequest } from "../plugin-host.ts";
import type { Services } from "../services.ts";
import type { RoutedHost } from "./routes.ts";

/** How the caller showed who it is. Cookies travel by themselves, so they need a check of where the request came from. */
export interface Identity {
  readonly actor: Actor;
  readonly by: "bearer" | "cookie";
  /** ISO 8601; null: it does not end by itself. */
  readonly expiresAt: string | null;
}

/** Hono's environment for the host. */
export interface HostEnv {
  readonly Variables: {
    readonly services: Services;
    readonly host: RoutedHost;
    /** What plugins do for this request. */
    readonly request: HostRequest;
    /** The hook pipeline of this request. */
    readonly hooks: Hooks;
    /** Who signed in and how, or undefined for a visitor. */
    readonly identity: Identity | undefined;
    /** Who signed in, or undefined for a visitor. `requireRole` turns undefined into UNAUTHENTICATED. */
    readonly actor: Actor | undefined;
  };
}
