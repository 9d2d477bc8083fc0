/**
 * Which code answers which address? The Hono app: middleware in order, mounts, and the one boundary where errors become
 * problem documents.
 */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import { secureHeaders } from "hono/secure-headers";
import { API_VERSION } from "@bulkhead/sdk";
import { api } from "./api/api.ts";
import type { HostEnv } from "./api/context.ts";
import { KILL_SWITCH_PATH } from "./api/kill-switch.ts";
import { renderDocs } from "./api/docs-page.ts";
import { pluginRoutes } from "./api/plugin-routes.ts";
import { signInFirst } from "./api/require-role.ts";
import { toBoundaryError } from "./api/validation.ts";
import { identify } from "./auth/identify.ts";
import { assertSameSite } from "./auth/same-site.ts";
import { dashboard } from "./dashboard.ts";
import { HostError, toProblem, toProblemResponse } from "./errors.ts";
import type { PluginHost } from "./plugin-host.ts";
import { createSite } from "./site/site.ts";

/** Bytes of a JSON body at the admin API; the largest holds a plugin's settings. */
const JSON_BYTES = 1024 * 1024;

/** The app over a plugin host. */
export function createApp(host: PluginHost): Hono<HostEnv> {
  const { services, registry } = host;
  const app = new Hono<HostEnv>();

  app.onError((error) => {
    const known = toBoundaryError(error);
    if (toProblem(known).code === "INTERNAL") {
      services.log("error", "request failed", {
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
    return toProblemResponse(known);
  });

  app.use(secureHeaders({ xFrameOptions: "DENY", crossOriginResourcePolicy: false }));
  app.use(async (c, next) => {
    const request = host.forRequest(services.site.url ?? new URL(c.req.url).origin);
    c.set("services", services);
    c.set("host", host);
    c.set("request", request);
    c.set("hooks", request.hooks);
    // What was disabled a moment ago, in whatever isolate, is not run for this request.
    // Nor does the switch that stops them all wait for the database.
    if (c.req.path !== KILL_SWITCH_PATH) await registry.current();
    await next();
    c.executionCtx.waitUntil(request.finish());
  });
  app.use("/api/*", authenticate);
  app.use("/_emdash/api/*", authenticate);
  app.use("/api/admin/*", requireCaller, limitBody);
  app.use("/api/auth/*", limitBody);

  app.get("/api/health", (c) => c.json({ ok: true, apiVersion: API_VERSION }));
  app.route("/api/plugins", pluginRoutes);
  app.route("/_emdash/api/plugins", pluginRoutes);
  app.route("/api", api);
  app.get("/api/openapi.json", (c) => c.json(describeApi()));
  app.get("/docs", (c) =>
    c.html(renderDocs(describeApi()), 200, {
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    }),
  );
  app.all("/api/*", () => {
    throw new HostError("NOT_FOUND", "There is no such address. The API is described at /api/openapi.json.");
  });
  // Browsers ask for it on every site; this one has none.
  app.get("/favicon.ico", (c) => c.body(null, 204, { "cache-control": "public, max-age=86400" }));
  app.get("/admin", (c) => c.redirect("/admin/"));
  app.route("/admin", dashboard);
  app.route("/", createSite());
  return app;
}

/** SECURITY: before a body is read or judged, so that a visitor costs nothing. (tests/host/attacks.test.ts, "a body of a visitor") */
const requireCaller = createMiddleware<HostEnv>(async (c, next) => {
  if (!c.get("actor")) throw signInFirst();
  await next();
});

/** Bundles have a cap of their own, in `read-upload.ts`. */
const limitBody = createMiddleware<HostEnv>(async (c, next) => {
  const isUpload = c.req.method === "POST" && c.req.path === "/api/admin/plugins";
  return isUpload ? next() : limitJson(c, next);
});

const limitJson = bodyLimit({
  maxSize: JSON_BYTES,
  onError: () => {
    throw new HostError("PAYLOAD_TOO_LARGE", `The body has more than ${JSON_BYTES} bytes.`);
  },
});

/** Finds out who calls, and refuses what a foreign page made a browser send. */
const authenticate = createMiddleware<HostEnv>(async (c, next) => {
  const identity = await identify(c, c.get("services"), isPluginRoute(c.req.path) ? "ignore" : "refuse");
  c.set("identity", identity);
  c.set("actor", identity?.actor);
  // Signing in sets a cookie, so it counts although no cookie authenticates it yet.
  const signsIn = c.req.path === "/api/auth/session";
  if (identity?.by === "cookie" || (signsIn && c.req.header("origin") !== undefined)) {
    if (!isPluginRoute(c.req.path)) assertSameSite(c.req.raw);
  }
  await next();
});

function describeApi() {
  return api.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Bulkhead", version: API_VERSION },
    servers: [{ url: "/api" }],
  });
}

/** Plugin routes have rules of their own, by kind of route. */
function isPluginRoute(path: string): boolean {
  return path.startsWith("/api/plugins/") || path.startsWith("/_emdash/api/plugins/");
}
