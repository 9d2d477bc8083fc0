/**
 * `/api/admin/kill-switch`: what is switched off for all plugins at once. It answers while the database does not: signed
 * in by the bootstrap token, nothing here waits for a row.
 */
import { createRoute, z } from "@hono/zod-openapi";
import { HostError } from "../errors.ts";
import { POLICY_LIMITS } from "../policy/limits.ts";
import { parseScope, SCOPE_CHARS, toScopeText } from "../policy/scope.ts";
import { listSwitches, takeBackSwitch, throwSwitch, type Reached } from "../policy/throw-switch.ts";
import { bodyOf, createRouter, jsonOf, problems } from "./define.ts";
import { requireRole } from "./require-role.ts";

/** Where it is below the base path; `routes.ts` and `worker.ts` let it pass before the database is asked. */
export const KILL_SWITCH_PATH = "/admin/kill-switch";

const tags = ["Kill switch"];
const reachedShape = z.object({ database: z.boolean(), flag: z.boolean() });
const listShape = z
  .object({
    items: z.array(
      z.object({
        scope: z.string(),
        at: z.string().nullable(),
        by: z.string().nullable(),
        note: z.string(),
        database: z.boolean().nullable(),
        flag: z.boolean().nullable(),
      }),
    ),
    answered: reachedShape.openapi({ description: "Which places could be asked" }),
    pluginsOff: z.boolean().openapi({ description: "Whether the variable PLUGINS_OFF=1 stops everything" }),
  })
  .openapi("KillSwitches");

const list = createRoute({
  method: "get",
  path: "/",
  tags,
  summary: "What is switched off",
  responses: { 200: jsonOf(listShape, "The switches that are thrown"), ...problems },
});
const set = createRoute({
  method: "post",
  path: "/",
  tags,
  summary: "Switches everything, a plugin, a host or a power off, or takes that back",
  request: {
    body: bodyOf(
      z.strictObject({
        scope: z.string().max(SCOPE_CHARS).openapi({
          description: "all, a plugin's id, host:<name> or capability:<name>",
          example: "host:*.example.com",
        }),
        on: z.boolean().openapi({ description: "true switches off what the scope names" }),
        note: z.string().max(POLICY_LIMITS.noteChars).default(""),
      }),
    ),
  },
  responses: {
    200: jsonOf(
      z.object({ scope: z.string(), on: z.boolean(), reached: reachedShape, effect: z.string() }),
      "What was reached, and what was not",
    ),
    ...problems,
  },
});

/** The router, mounted at `KILL_SWITCH_PATH`. */
export const killSwitchApi = createRouter()
  .openapi(list, async (c) => {
    requireRole(c, "publisher", "reviewer");
    const services = c.get("services");
    const { items, answered } = await listSwitches(services);
    return c.json({ items: [...items], answered, pluginsOff: services.pluginsOff }, 200);
  })
  .openapi(set, async (c) => {
    // Whoever may revoke may stop; giving back is the administrator's.
    const { scope: text, on, note } = c.req.valid("json");
    const by = on ? requireRole(c, "reviewer") : requireRole(c);
    const services = c.get("services");
    const scope = parseScope(text);
    if (!scope.ok) throw new HostError("BAD_REQUEST", scope.reason);
    const change = { scope: scope.value, note };
    const reached = on ? await throwSwitch(services, by, change) : await takeBackSwitch(services, by, change);
    return c.json(
      { scope: toScopeText(scope.value), on, reached, effect: describeEffect(on ? "off" : "back", reached) },
      200,
    );
  });

function describeEffect(what: "off" | "back", { database, flag }: Reached): string {
  if (what === "back") {
    return flag
      ? "Taken back. Isolates that know of the flag notice within about 90 seconds."
      : "Taken back in the database, but KV did not answer: its flag still stops plugins. Take it back again.";
  }
  if (!database) {
    return "Off by its flag within about 90 seconds. The database did not answer, so this is not on record yet: switch it off again once it does.";
  }
  return flag
    ? "Off at the next request everywhere."
    : "Off at the next request everywhere. KV did not answer, so no flag holds while the database is away.";
}
