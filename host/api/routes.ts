/**
 * What a host answers by itself: the admin API and the plugins' own routes, under one base path. Whoever mounts it says who
 * calls; each request gets one `HostRequest`, and errors become problem documents here.
 */
import { Hono, type Context, type MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { API_VERSION } from "@bulkhead/sdk";
import { assertSameSite } from "../auth/same-site.ts";
import { HostError, toProblem, toProblemResponse } from "../errors.ts";
import type { PluginHost } from "../plugin-host.ts";
import { findMissingTables } from "../readiness.ts";
import type { HostEnv, Identity } from "./context.ts";
import { KILL_SWITCH_PATH } from "./kill-switch.ts";
import { limitJson } from "./limit-json.ts";
import { pluginRoutes } from "./plugin-routes.ts";
import { signInFirst } from "./require-role.ts";
import { toBoundaryError } from "./validation.ts";

/**
 * Who sends this request? Undefined for a visitor. A token that is not valid may be refused by throwing, but not at a
 * plugin's route: there it may be meant for the plugin, e.g. a webhook's own.
 */
export type Authorize = (c: Context<HostEnv>, at: "api" | "plugin-route") => Promise<Identity | undefined>;

/** The host as far as its routes need it. */
export type RoutedHost = Pick<PluginHost, "services" | "registry" | "forRequest" | "authorize" | "sandbox" | "usage">;

/** What the routes are made of. */
export interface RoutesOptions {
  /** Starts with a slash and ends without one. */
  readonly basePath: string;
  /** The JSON API below it. */
  readonly api: OpenAPIHono<HostEnv>;
}

/** Where the bundled Worker has them, and a host that says nothing else. */
export const API_PATH = "/api";

/** The routes. Everything below the base path is answered; nothing else is. */
export function createRoutes(host: RoutedHost, { basePath, api }: RoutesOptions): Hono<HostEnv> {
  if (!/^(\/[A-Za-z0-9_-]+)+$/.test(basePath))
    throw new Error(`Cannot answer below "${basePath}": expected a path such as /api, without a slash at its end`);
  const routes = new Hono<HostEnv>().basePath(basePath);
  routes.onError(toErrorHandler(host.services));
  // Whoever mounts them may set no headers of its own.
  routes.use(async (c, next) => {
    await next();
    c.header("x-content-type-options", "nosniff");
  });
  routes.use(provideHost(host, { except: `${basePath}${KILL_SWITCH_PATH}` }));
  routes.use(untilReady(host, { except: `${basePath}${KILL_SWITCH_PATH}` }));
  routes.use("/plugins/*", identifyCaller(host.authorize, "plugin-route"));
  routes.use(async (c, next) =>
    c.req.path.startsWith(`${basePath}/plugins/`) ? next() : identifyCaller(host.authorize, "api")(c, next),
  );
  routes.use("/admin/*", requireCaller, async (c, next) =>
    // Bundles have a cap of their own, in `read-upload.ts`.
    c.req.method === "POST" && c.req.path === `${basePath}/admin/plugins` ? next() : limitJson(c, next),
  );

  routes.get("/health", (c) => c.json({ ok: true, apiVersion: API_VERSION }));
  routes.route("/plugins", pluginRoutes);
  routes.route("/", api);
  routes.get("/openapi.json", (c) => c.json(describeApi(api, basePath)));
  routes.all("/*", () => {
    throw new HostError("NOT_FOUND", `There is no such address. The API is described at ${basePath}/openapi.json.`);
  });
  return routes;
}

/** The OpenAPI document. */
export function describeApi(api: OpenAPIHono<HostEnv>, basePath: string) {
  return api.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Bulkhead", version: API_VERSION },
    servers: [{ url: basePath }],
  });
}

/** Turns whatever was thrown into a problem document; what nobody foresaw is logged. */
export function toErrorHandler({ log }: Pick<PluginHost["services"], "log">) {
  return (error: Error): Response => {
    const known = toBoundaryError(error);
    if (toProblem(known).code === "INTERNAL") log("error", "request failed", { error: error.stack ?? error.message });
    return toProblemResponse(known);
  };
}

/**
 * Gives every request its place in the host, and ends it after the response. What was disabled a moment ago, in whatever
 * isolate, is not run for this request; the switch that stops them all (`except`) does not wait for the database.
 */
export function provideHost(host: RoutedHost, options: { readonly except?: string } = {}): MiddlewareHandler<HostEnv> {
  const { services, registry } = host;
  return async (c, next) => {
    const request = host.forRequest(services.site.url ?? new URL(c.req.url).origin);
    c.set("services", services);
    c.set("host", host);
    c.set("request", request);
    c.set("hooks", request.hooks);
    if (c.req.path !== options.except) await registry.current();
    await next();
    c.executionCtx.waitUntil(request.finish());
  };
}

/** Says what to do as long as the database is not set up; afterwards it asks no more. */
function untilReady({ services }: RoutedHost, options: { readonly except: string }): MiddlewareHandler<HostEnv> {
  let isReady = false;
  return async (c, next) => {
    if (!isReady && c.req.path !== options.except) {
      const missing = await findMissingTables(services.db);
      if (missing.length > 0) throw new HostError("NOT_READY", missing.join(" "));
      isReady = true;
    }
    await next();
  };
}

/** Finds out who calls, and refuses what a foreign page made a browser send. Plugin routes have rules of their own, by kind of route. */
export function identifyCaller(authorize: Authorize, at: "api" | "plugin-route"): MiddlewareHandler<HostEnv> {
  return async (c, next) => {
    const identity = await authorize(c, at);
    c.set("identity", identity);
    c.set("actor", identity?.actor);
    // SECURITY: an application that does not say how somebody signed in may mean a cookie. (tests/embedding/vocabulary.test.ts, "that does not say how")
    if (identity && identity.by !== "bearer" && at === "api") assertSameSite(c.req.raw);
    await next();
  };
}

/** SECURITY: before a body is read or judged, so that a visitor costs nothing. (tests/host/attacks.test.ts, "a body of a visitor") */
const requireCaller = createMiddleware<HostEnv>(async (c, next) => {
  if (!c.get("actor")) throw signInFirst();
  await next();
});
