/** The JSON API of every host, whatever it is mounted in. */
import { activityApi } from "./activity.ts";
import { auditApi } from "./audit.ts";
import { createRouter } from "./define.ts";
import { grantsApi } from "./grants.ts";
import { killSwitchApi } from "./kill-switch.ts";
import { panelApi } from "./panel.ts";
import { pluginsApi } from "./plugins.ts";
import { policyApi } from "./policy.ts";
import { publishersApi } from "./publishers.ts";
import { schedulesApi } from "./schedules.ts";
import { settingsApi } from "./settings.ts";
import { usageApi } from "./usage.ts";

/** The router, mounted below a host's base path. */
export const hostApi = createRouter()
  .route("/admin/plugins", pluginsApi)
  .route("/admin/plugins", grantsApi)
  .route("/admin/plugins", settingsApi)
  .route("/admin/plugins", schedulesApi)
  .route("/admin/plugins", activityApi)
  .route("/admin/plugins", panelApi)
  .route("/admin/plugins", usageApi)
  .route("/admin/audit", auditApi)
  .route("/admin/policy", policyApi)
  .route("/admin/publishers", publishersApi)
  .route("/admin/kill-switch", killSwitchApi);
