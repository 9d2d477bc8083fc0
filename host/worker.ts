/** What does the Worker do with a request or a tick? One host per isolate, made at the first event from its bindings. */
import wasm from "../sandbox/engine/quickjs.gen.wasm";
import { createApp } from "./app.ts";
import { createPluginHost } from "./plugin-host.ts";
import { findMissingSetup, toSetupResponse } from "./readiness.ts";
import { createServices, type Env, type Services } from "./services.ts";

/** What an entry may replace, given the bindings. */
export type Overrides<Bindings extends Env> = (env: Bindings) => Partial<Services>;

/** The Worker's handlers. The deployed entry replaces nothing. */
export function createWorker<Bindings extends Env = Env>(overrides?: Overrides<Bindings>): ExportedHandler<Bindings> {
  let made: { readonly env: Bindings; readonly handlers: Promise<Handlers> } | undefined;

  async function make(env: Bindings): Promise<Handlers> {
    const missing = await findMissingSetup(env);
    if (missing.length > 0) return { missing };
    const host = createPluginHost({ services: createServices(env, overrides?.(env)), wasm });
    return { missing, host, app: createApp(host) };
  }

  /** Kept once the Worker is ready; asked anew as long as something is missing. */
  async function handlers(env: Bindings): Promise<Handlers> {
    if (made?.env !== env) made = { env, handlers: make(env) };
    try {
      const ready = await made.handlers;
      if (!ready.app) made = undefined;
      return ready;
    } catch (error) {
      made = undefined;
      throw error;
    }
  }

  return {
    async fetch(request, env, context) {
      try {
        const { app, missing } = await handlers(env);
        return app ? await app.fetch(request, env, context) : toSetupResponse(missing);
      } catch (error) {
        // Only a database that does not answer while the isolate starts comes here; the next request tries again.
        console.error(JSON.stringify({ level: "error", message: "not started", error: String(error) }));
        return toSetupResponse(["The database does not answer. Try again in a moment."]);
      }
    },
    async scheduled(_event, env) {
      await (await handlers(env)).host?.scheduled();
    },
  };
}

interface Handlers {
  readonly missing: readonly string[];
  readonly host?: ReturnType<typeof createPluginHost>;
  readonly app?: ReturnType<typeof createApp>;
}
