/**
 * `/api/plugins/<id>/*`: plugins' own routes. They share the dashboard's origin, so the request is filtered on the way
 * in, and what comes out is JSON in EmDash's envelope under a CSP that lets nothing run.
 */
import { Hono, type Context } from "hono";
import type { Actor } from "../actor.ts";
import { HostError, RETRY_AFTER_SECONDS, toProblem } from "../errors.ts";
import { describeFailure } from "../invoke/failure.ts";
import { isBusy, parseGuestJson } from "../invoke/session.ts";
import { readBody } from "../network/read-body.ts";
import type { HostEnv } from "./context.ts";
import { requireRole } from "./require-role.ts";

/** What a route may be sent. */
export const ROUTE_LIMITS = { bodyBytes: 1024 * 1024, urlChars: 8_192 } as const;

/** The request headers a plugin sees. SECURITY: a list of what passes, so that no credential does. (tests/host/routes.test.ts, "sees no credential of anybody") */
const PASSED_HEADERS = ["accept", "accept-language", "content-type", "user-agent"];

/** SECURITY: nothing a route answers can run, frame, or be taken for something else. (tests/host/routes.test.ts, "answers only inert JSON") */
const INERT_HEADERS = {
  "content-type": "application/json; charset=utf-8",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
} as const;

/** The router, mounted at `/api/plugins` and `/_emdash/api/plugins`. */
export const pluginRoutes = new Hono<HostEnv>().all("/:id/:route{.+}", async (c) => {
  const { id, route: name } = c.req.param();
  const plugin = (await c.get("host").registry.current()).plugins.get(id);
  const route = plugin?.exports.routes.find((each) => each.name === name);
  if (!plugin || !route) {
    return envelope(404, {
      success: false,
      error: { code: "NOT_FOUND", message: `There is no route "${name.slice(0, 80)}" of "${id.slice(0, 64)}".` },
    });
  }
  try {
    if (!route.public) assertCaller(c);
    const input = await readInput(c);
    const { outcome, retryAfter } = await c.get("request").session.enter({
      plugin,
      kind: "route",
      name: `route:${name}`,
      input: toRouteContext(c, input, route.public ? undefined : c.get("actor")),
    });
    if (outcome.ok) return envelope(200, { success: true, data: parseGuestJson(outcome.value) });
    const { failure } = outcome;
    if (isBusy(outcome)) {
      const error = { code: "OVERLOADED", message: describeFailure(failure) };
      return envelope(503, { success: false, error }, { "retry-after": String(RETRY_AFTER_SECONDS) });
    }
    if (retryAfter !== undefined) {
      const error = { code: "QUOTA_EXCEEDED", message: describeFailure(failure) };
      return envelope(429, { success: false, error }, { "retry-after": String(retryAfter) });
    }
    const isThrow = failure.kind === "threw";
    return envelope(isThrow ? 422 : 503, {
      success: false,
      error: { code: isThrow ? "ROUTE_ERROR" : "PLUGIN_STOPPED", message: describeFailure(failure) },
    });
  } catch (error) {
    const problem = toProblem(error);
    if (problem.code === "INTERNAL")
      c.get("services").log("error", "route failed", { plugin: id, error: String(error) });
    return envelope(problem.status, { success: false, error: { code: problem.code, message: problem.detail } });
  }
});

/** A private route: signed in as somebody who manages plugins, and not by a request another site made the browser send. */
function assertCaller(c: Context<HostEnv>): void {
  requireRole(c, "publisher");
  if (c.get("identity")?.by === "bearer") return;
  // SECURITY: every method, since one handler serves them all; and only what a script of our own pages sent, because an
  // image or a link in a post is same-origin too. (tests/host/routes.test.ts, "a private route")
  const site = c.req.header("sec-fetch-site");
  const isOwnScript = site === "same-origin" && ["cors", "same-origin"].includes(c.req.header("sec-fetch-mode") ?? "");
  const hasHeader = c.req.header("x-emdash-request") === "1" && (site === undefined || site === "same-origin");
  if (isOwnScript || hasHeader) return;
  throw new HostError(
    "CROSS_SITE_REQUEST",
    "A private route is called by a script of the dashboard, or with an API token.",
  );
}

async function readInput(c: Context<HostEnv>): Promise<unknown> {
  if (c.req.url.length > ROUTE_LIMITS.urlChars) {
    throw new HostError("PAYLOAD_TOO_LARGE", `The address has more than ${ROUTE_LIMITS.urlChars} characters.`);
  }
  if (!["POST", "PUT", "PATCH"].includes(c.req.method)) {
    return Object.fromEntries(
      Object.entries(c.req.queries()).map(([key, values]) => [key, values.length > 1 ? values : values[0]]),
    );
  }
  const bytes = await readBody(c.req.raw.body, ROUTE_LIMITS.bodyBytes);
  if (!bytes) throw new HostError("PAYLOAD_TOO_LARGE", `The body has more than ${ROUTE_LIMITS.bodyBytes} bytes.`);
  if (bytes.length === 0) return {};
  try {
    return parseGuestJson(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    throw new HostError("BAD_REQUEST", "The body is not JSON. Send application/json.");
  }
}

/** `caller` only on a private route: on a public one a foreign page may have sent the visitor's browser. */
function toRouteContext(c: Context<HostEnv>, input: unknown, caller: Actor | undefined): unknown {
  const { raw } = c.req;
  const headers = Object.fromEntries(
    PASSED_HEADERS.flatMap((name) => (raw.headers.has(name) ? [[name, raw.headers.get(name)]] : [])),
  );
  return {
    input,
    request: { url: raw.url, method: raw.method, headers },
    requestMeta: {
      ip: raw.headers.get("cf-connecting-ip"),
      userAgent: raw.headers.get("user-agent"),
      referer: raw.headers.get("referer"),
      geo: toGeo(raw.cf),
    },
    ...(caller ? { user: toUser(caller) } : {}),
  };
}

function toGeo(cf: CfProperties | undefined): unknown {
  if (!cf) return null;
  const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
  return { country: text(cf["country"]), region: text(cf["region"]), city: text(cf["city"]) };
}

/** EmDash's numbers for roles. */
const ROLE_NUMBERS = { admin: 50, publisher: 40, reviewer: 40, editor: 30 } as const;

function toUser(actor: Actor): unknown {
  const role = "role" in actor ? ROLE_NUMBERS[actor.role] : 0;
  return { id: actor.id, email: "", name: actor.name, role, createdAt: "" };
}

function envelope(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...INERT_HEADERS, ...headers } });
}
