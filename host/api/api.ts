/** The JSON API of the bundled Worker as one router: what `hc<Api>` is typed by and what the OpenAPI document describes. */
import { authApi } from "./auth.ts";
import { catalogApi } from "./catalog.ts";
import { contentApi } from "./content.ts";
import { createRouter } from "./define.ts";
import { hostApi } from "./host-api.ts";

/** The router, mounted at `/api`. */
export const api = createRouter()
  .route("/auth", authApi)
  .route("/", hostApi)
  .route("/admin/catalog", catalogApi)
  .route("/content", contentApi);

/** The API's type, for `hc<Api>("/api")`. */
export type Api = typeof api;
