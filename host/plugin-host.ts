/**
 * The plugin host as one object: what a Worker mounts. It knows nothing of the dashboard, the public site or the CMS, which
 * is its first user.
 */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Hono } from "hono";
import { createSandbox, type Sandbox } from "../sandbox/index.ts";
import type { HostEnv } from "./api/context.ts";
import { hostApi } from "./api/host-api.ts";
import { API_PATH, createRoutes, type Authorize } from "./api/routes.ts";
import { createBodyRoom } from "./bridges/body-room.ts";
import { COMPATIBILITY_DATE } from "./compatibility.ts";
import { createHookGroup, type HookGroup } from "./hooks/pipeline.ts";
import { deriveKey } from "./crypto.ts";
import { createProgramLoader } from "./invoke/program.ts";
import { createPreparer } from "./invoke/prepare.ts";
import { createSession, type Session, type SessionParts } from "./invoke/session.ts";
import { createOffer, type Extension } from "./offer.ts";
import { limitQuota } from "./policy/quota-ceilings.ts";
import { assertSecretsKey } from "./readiness.ts";
import { createRegistry, type Registry } from "./registry/registry.ts";
import { createRedactors } from "./settings/redactor.ts";
import { runSchedule, type RunParts } from "./schedule/run.ts";
import { tick, type StartRun } from "./schedule/tick.ts";
import type { Services, World } from "./services.ts";
import type { ScheduleKey } from "./store/d1/schedules.ts";
import { createTracers } from "./trace/tracer.ts";
import { createQuotaWatch, type QuotaWatch } from "./usage/quota-watch.ts";
import { QUOTAS, type QuotaOf } from "./usage/quotas.ts";
import { createTargetNames } from "./usage/target-names.ts";

/** What a host is made of. */
export interface PluginHostOptions extends Extension {
  readonly services: World;
  /** The compiled engine. */
  readonly wasm: WebAssembly.Module;
  /** Who sends a request to `routes`. */
  readonly authorize: Authorize;
  /** Where `routes` answer: `/api` where nothing is said. It starts with a slash and ends without. */
  readonly basePath?: string;
  /** The JSON API there. Default: what every host has. */
  readonly api?: OpenAPIHono<HostEnv>;
  /** What each plugin may use. Default: what the plan gives all of them, or less where the policy says so. */
  readonly quotaOf?: QuotaOf;
}

/** The hooks and entries of one host request. */
export interface HostRequest {
  readonly hooks: HookGroup;
  readonly session: Session;
  /** Waits for actions, closes VMs, writes records. Belongs into `waitUntil`. */
  finish(): Promise<void>;
}

/** A plugin host for one isolate. */
export interface PluginHost {
  readonly services: Services;
  readonly sandbox: Sandbox;
  readonly registry: Registry;
  /** Who sends a request; see `PluginHostOptions`. */
  readonly authorize: Authorize;
  /** What plugins use of their quotas. */
  readonly usage: QuotaWatch;
  /** The admin API and the plugins' own routes, for `app.route("/", host.routes)`. */
  readonly routes: Hono<HostEnv>;
  /** Everything plugins do for one request; `baseUrl` is the site's address. */
  forRequest(baseUrl: string): HostRequest;
  /**
   * One tick of the minute clock. `start` runs a schedule in an invocation of its own, where CPU time and subrequests are
   * its own: it calls `runDue` there. Without it all runs of a tick share the limits of this event.
   */
  scheduled(options?: { readonly start?: StartRun | undefined }): Promise<void>;
  /** Runs a schedule, if it is due and nobody else does. */
  runDue(key: ScheduleKey): Promise<void>;
}

/** Milliseconds after which the generation is read anew, as grants are. */
const REGISTRY_MAX_AGE_MS = 1_000;

/** A plugin host. Make one per isolate: it keeps programs and the registry's snapshot. Throws for an extension that does not hold together, and without a key for secrets. */
export function createPluginHost({ services: world, wasm, authorize, ...options }: PluginHostOptions): PluginHost {
  assertSecretsKey(world);
  const services: Services = { ...world, offer: createOffer(options) };
  const sandbox = createSandbox({
    wasm,
    now: () => services.now().getTime(),
    platform: COMPATIBILITY_DATE,
    // SECURITY: an image is the plugin's memory; what this host did not write itself is not loaded. (tests/host/images.source.test.ts, "one flipped byte")
    images: { store: services.images, macKey: () => deriveKey(services.secretsKey, "images", "sign") },
  });
  const registry = createRegistry(services);
  const now = services.now;
  const usage = createQuotaWatch(services, {
    quotaOf: options.quotaOf ?? (() => limitQuota(registry.latest().bounds.policy, QUOTAS[services.plan])),
    generation: async () => (await registry.recent(REGISTRY_MAX_AGE_MS)).generation,
  });
  const parts: SessionParts = {
    services,
    sandbox,
    registry,
    usage,
    nameTarget: createTargetNames(),
    programs: createProgramLoader(services),
    tracers: createTracers(services),
    redactors: createRedactors(services),
    bodyRoom: createBodyRoom(() => now().getTime()),
    openHooks: (session, chain) => createHookGroup({ registry, session, chain, now }),
  };
  const prepareSome = createPreparer(parts);
  // The clock has no address of its own; the one people use is the site's where none is configured.
  let lastSeenUrl = "";
  const runParts: RunParts = {
    services,
    registry,
    openSession: () => createSession(parts, services.site.url ?? lastSeenUrl),
    random: Math.random,
  };
  const host: Omit<PluginHost, "routes"> = {
    services,
    sandbox,
    registry,
    authorize,
    usage,
    forRequest(baseUrl) {
      lastSeenUrl = baseUrl;
      const session = createSession(parts, baseUrl);
      const hooks = parts.openHooks(session, []);
      return {
        hooks,
        session,
        async finish() {
          // Beside the rest: what an act wrote is not to wait for plugins before it is anchored.
          const anchored = services.anchors?.flush();
          await hooks.close();
          await session.finish();
          await anchored;
        },
      };
    },
    scheduled({ start } = {}) {
      return tick({ ...runParts, prepareSome, start });
    },
    runDue: (key) => runSchedule(runParts, key),
  };
  return {
    ...host,
    routes: createRoutes(host, { basePath: options.basePath ?? API_PATH, api: options.api ?? hostApi }),
  };
}
