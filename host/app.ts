/**
 * Which code answers which address? The Hono app of the bundled Worker: the plugin host below `/api`, the dashboard, and
 * the public site for everything else.
 */
import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { api } from "./api/api.ts";
import type { HostEnv } from "./api/context.ts";
import { renderDocs } from "./api/docs-page.ts";
import { pluginRoutes } from "./api/plugin-routes.ts";
import { API_PATH, describeApi, identifyCaller, provideHost, toErrorHandler } from "./api/routes.ts";
import { dashboard } from "./dashboard.ts";
import type { PluginHost } from "./plugin-host.ts";
import { createSite } from "./site/site.ts";

/** The app over a plugin host. */
export function createApp(host: PluginHost): Hono<HostEnv> {
  const app = new Hono<HostEnv>();
  app.onError(toErrorHandler(host.services));
  app.use(secureHeaders({ xFrameOptions: "DENY", crossOriginResourcePolicy: false }));
  // Answers everything below its path: what follows is for the rest.
  app.route("/", host.routes);
  app.use(provideHost(host));
  app.use("/_emdash/api/*", identifyCaller(host.authorize, "plugin-route"));
  app.route("/_emdash/api/plugins", pluginRoutes);
  app.get("/docs", (c) =>
    c.html(renderDocs(describeApi(api, API_PATH)), 200, {
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    }),
  );
  // Browsers ask for it on every site; this one has none.
  app.get("/favicon.ico", (c) => c.body(null, 204, { "cache-control": "public, max-age=86400" }));
  app.get("/admin", (c) => c.redirect("/admin/"));
  app.route("/admin", dashboard);
  app.route("/", createSite());
  return app;
}
