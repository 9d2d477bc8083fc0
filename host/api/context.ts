/** What every handler of the Hono app finds in its context, put there by the middleware in `app.ts`. */
import type { Actor } from "../actor.ts";
import type { Hooks } from "../hooks/hooks.ts";
import type { Services } from "../services.ts";

/** Hono's environment for the host. */
export interface HostEnv {
  readonly Variables: {
    readonly services: Services;
    /** The hook pipeline of this request. */
    readonly hooks: Hooks;
    /** Who signed in, or undefined for a visitor. `requireRole` turns undefined into UNAUTHENTICATED. */
    readonly actor: Actor | undefined;
  };
}
