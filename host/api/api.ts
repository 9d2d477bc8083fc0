/** The whole JSON API as one router: what `hc<Api>` is typed by and what the OpenAPI document describes. */
import { activityApi } from "./activity.ts";
import { auditApi } from "./audit.ts";
import { authApi } from "./auth.ts";
import { catalogApi } from "./catalog.ts";
import { contentApi } from "./content.ts";
import { createRouter } from "./define.ts";
import { grantsApi } from "./grants.ts";
import { killSwitchApi } from "./kill-switch.ts";
import { panelApi } from "./panel.ts";
import { pluginsApi } from "./plugins.ts";
import { policyApi } from "./policy.ts";
import { settingsApi } from "./settings.ts";
import { usageApi } from "./usage.ts";

/** The router, mounted at `/api`. */
export const api = createRouter()
  .route("/auth", authApi)
  .route("/admin/plugins", pluginsApi)
  .route("/admin/plugins", grantsApi)
  .route("/admin/plugins", settingsApi)
  .route("/admin/plugins", activityApi)
  .route("/admin/plugins", panelApi)
  .route("/admin/plugins", usageApi)
  .route("/admin/catalog", catalogApi)
  .route("/admin/audit", auditApi)
  .route("/admin/policy", policyApi)
  .route("/admin/kill-switch", killSwitchApi)
  .route("/content", contentApi);

/** The API's type, for `hc<Api>("/api")`. */
export type Api = typeof api;
