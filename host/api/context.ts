/** What every handler of the Hono app finds in its context, put there by the middleware in `app.ts`. */
import type { Actor } from "../actor.ts";
import type { Identity } from "../auth/identify.ts";
import type { Hooks } from "../hooks/hooks.ts";
import type { HostRequest, PluginHost } from "../plugin-host.ts";
import type { Services } from "../services.ts";

/** Hono's environment for the host. */
export interface HostEnv {
  readonly Variables: {
    readonly services: Services;
    readonly host: PluginHost;
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
