/** What does the Worker do with a request or a tick? One host per isolate, made at the first event from its bindings. */
import wasm from "../sandbox/engine/quickjs.gen.wasm";
import { KILL_SWITCH_PATH } from "./api/kill-switch.ts";
import { api } from "./api/api.ts";
import { API_PATH } from "./api/routes.ts";
import { createApp } from "./app.ts";
import { identify } from "./auth/identify.ts";
import { CMS } from "./cms.ts";
import { createPluginHost, type PluginHost } from "./plugin-host.ts";
import { findMissingSetup, findMissingVariables, toSetupResponse } from "./readiness.ts";
import type { StartRun } from "./schedule/tick.ts";
import { createServices, type Env, type World } from "./services.ts";
import type { ScheduleKey } from "./store/d1/schedules.ts";

/** What an entry may replace, given the bindings. */
export type Overrides<Bindings extends Env> = (env: Bindings) => Partial<World>;

/** The Worker's handlers, and what its entrypoint `ScheduleRuns` does. */
export interface Worker<Bindings> extends ExportedHandler<Bindings> {
  /** Runs one schedule, if it is due. */
  readonly runDue: (env: Bindings, key: ScheduleKey) => Promise<void>;
}

/** How the Worker is entered. */
export interface WorkerOptions {
  /** `apart`: the entry exports `ScheduleRuns`, and each run of a schedule is an invocation of it. Default: `within` the tick. */
  readonly runs?: "apart" | "within";
}

/** The Worker. The deployed entry replaces nothing. */
export function createWorker<Bindings extends Env = Env>(
  overrides?: Overrides<Bindings>,
  { runs = "within" }: WorkerOptions = {},
): Worker<Bindings> {
  let made: { readonly env: Bindings; readonly handlers: Promise<Handlers> } | undefined;
  let built: { readonly env: Bindings; readonly host: PluginHost; readonly app: App } | undefined;

  function build(env: Bindings): { readonly host: PluginHost; readonly app: App } {
    if (built?.env !== env) {
      const services = createServices(env, overrides?.(env));
      const host = createPluginHost({ services, wasm, authorize: (c, at) => identify(c, services, at), api, ...CMS });
      built = { env, host, app: createApp(host) };
    }
    return built;
  }

  async function make(env: Bindings): Promise<Handlers> {
    const missing = await findMissingSetup(env);
    return missing.length > 0 ? { missing } : { missing, ...build(env) };
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
        // It must stop plugins while the database does not answer, also in an isolate that has just started.
        if (
          new URL(request.url).pathname === `${API_PATH}${KILL_SWITCH_PATH}` &&
          findMissingVariables(env).length === 0
        ) {
          return await build(env).app.fetch(request, env, context);
        }
        const { app, missing } = await handlers(env);
        return app ? await app.fetch(request, env, context) : toSetupResponse(missing);
      } catch (error) {
        // Only a database that does not answer while the isolate starts comes here; the next request tries again.
        console.error(JSON.stringify({ level: "error", message: "not started", error: String(error) }));
        return toSetupResponse(["The database does not answer. Try again in a moment."]);
      }
    },
    async scheduled(_event, env, context) {
      await (await handlers(env)).host?.scheduled({ start: runs === "apart" ? toStart(context) : undefined });
    },
    async runDue(env, key) {
      await (await handlers(env)).host?.runDue(key);
    },
  };
}

/** The entry's own `ScheduleRuns`, called as another invocation of this Worker. */
function toStart({ exports }: ExecutionContext): StartRun {
  const { ScheduleRuns } = exports as { readonly ScheduleRuns: { readonly run: StartRun } };
  return (key) => ScheduleRuns.run(key);
}

interface Handlers {
  readonly missing: readonly string[];
  readonly host?: PluginHost;
  readonly app?: App;
}

type App = ReturnType<typeof createApp>;
