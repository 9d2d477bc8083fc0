/** Serves the dashboard's page for every address under `/admin` that is not a file, with a CSP that runs no stranger's script. */
import { Hono } from "hono";
import type { HostEnv } from "./api/context.ts";

const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
} as const;

/** The router, mounted at `/admin`. Files are served by the assets binding before the Worker is asked. */
export const dashboard = new Hono<HostEnv>().get("*", async (c) => {
  const { assets } = c.get("services");
  const url = new URL(c.req.url);
  const isFile = /\.[a-z0-9]+$/i.test(url.pathname);
  const found = await assets?.(
    new Request(isFile ? url : new URL("/admin/index.html", url), { headers: c.req.raw.headers }),
  );
  if (!found) return c.text("The dashboard is not built. Run npm run build.", 404);
  const response = new Response(found.body, found);
  for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value);
  if (!isFile) response.headers.set("cache-control", "no-cache");
  return response;
});
