/** `/api/admin/plugins/:id/schedules` and `/runs`: when does a plugin run by itself, how did that go, and what may a person do about it? */
import { createRoute, z } from "@hono/zod-openapi";
import { HostError } from "../errors.ts";
import { commitAct } from "../lifecycle/act.ts";
import { findVersion } from "../lifecycle/find.ts";
import { resumeSchedule } from "../lifecycle/resume-schedule.ts";
import { getPlugin } from "../store/d1/plugins.ts";
import { findDueRun, listRuns, NOT_BEGUN, putRun, type RunRow } from "../store/d1/runs.ts";
import { getSchedule, listSchedules, setDue } from "../store/d1/schedules.ts";
import { createRouter, cursorOf, cursorQuery, idParam, jsonOf, PAGE, problems } from "./define.ts";
import { viewPlugin, viewSchedule } from "./plugin-view.ts";
import { requireRole } from "./require-role.ts";
import { pageOf, runShape, scheduleShape } from "./shapes.ts";

const tags = ["Activity"];
const scheduleParam = idParam.extend({
  name: z
    .string()
    .max(128)
    .openapi({ param: { name: "name", in: "path" } }),
});

const schedules = createRoute({
  method: "get",
  path: "/{id}/schedules",
  tags,
  summary: "Schedules with their next run",
  request: { params: idParam },
  responses: { 200: jsonOf(pageOf(scheduleShape), "The schedules"), ...problems },
});
const run = createRoute({
  method: "post",
  path: "/{id}/schedules/{name}/run",
  tags,
  summary: "Makes a schedule due now; the next tick runs it",
  request: { params: scheduleParam },
  responses: { 202: jsonOf(z.object({ run: runShape }), "The run"), ...problems },
});
const resume = createRoute({
  method: "post",
  path: "/{id}/schedules/{name}/resume",
  tags,
  summary: "Takes back that the host paused a schedule; it comes at its next time",
  request: { params: scheduleParam },
  responses: { 200: jsonOf(z.object({ schedule: scheduleShape }), "The schedule"), ...problems },
});
const runs = createRoute({
  method: "get",
  path: "/{id}/runs",
  tags,
  summary: "Runs, newest first",
  request: { params: idParam, query: cursorQuery },
  responses: { 200: jsonOf(pageOf(runShape), "The runs"), ...problems },
});

/** The router, mounted at `/api/admin/plugins`. */
export const schedulesApi = createRouter()
  .openapi(schedules, async (c) => {
    requireRole(c, "publisher", "reviewer");
    const { id } = c.req.valid("param");
    const services = c.get("services");
    const [plugin, rows] = await Promise.all([viewPlugin(services, id), listSchedules(services.db, id)]);
    return c.json({ items: rows.map((row) => viewSchedule(row, plugin)) }, 200);
  })
  .openapi(run, async (c) => {
    const by = requireRole(c, "publisher");
    const { id, name } = c.req.valid("param");
    const services = c.get("services");
    const { db } = services;
    const made = await commitAct(services, by, async () => {
      const [plugin, schedule, waiting] = await Promise.all([
        getPlugin(db, id),
        getSchedule(db, { plugin_id: id, name }),
        findDueRun(db, id, name),
      ]);
      if (!plugin || plugin.state === "uninstalled" || !schedule) {
        throw new HostError("NOT_FOUND", `There is no schedule "${name.slice(0, 64)}" of "${id.slice(0, 64)}".`);
      }
      if (plugin.state !== "enabled" || plugin.live_version === null) {
        throw new HostError("CONFLICT", `${id} is ${plugin.state}. Enable it first.`);
      }
      if (schedule.paused_at !== null) {
        throw new HostError("CONFLICT", `${name} of ${id} is paused. ${schedule.paused_reason ?? ""} Resume it first.`);
      }
      const at = services.now().toISOString();
      const version = await findVersion(db, id, plugin.live_version);
      const row: RunRow = waiting ?? {
        ...NOT_BEGUN,
        id: services.newId(),
        plugin_id: id,
        version: version.version,
        schedule: name,
        status: "due",
        due_at: at,
      };
      return {
        statements: [putRun(db, row), setDue(db, id, name, at)],
        act: "schedule.run",
        target: id,
        detail: { schedule: name, run: row.id },
        value: row,
      };
    });
    return c.json({ run: viewRun(made) }, 202);
  })
  .openapi(resume, async (c) => {
    const by = requireRole(c, "publisher");
    const { id, name } = c.req.valid("param");
    const services = c.get("services");
    await resumeSchedule(services, by, { plugin_id: id, name });
    const [plugin, row] = await Promise.all([
      viewPlugin(services, id),
      getSchedule(services.db, { plugin_id: id, name }),
    ]);
    return c.json({ schedule: viewSchedule(row!, plugin) }, 200);
  })
  .openapi(runs, async (c) => {
    requireRole(c, "publisher", "reviewer");
    const rows = await listRuns(c.get("services").db, c.req.valid("param").id, c.req.valid("query").cursor, PAGE);
    return c.json({ items: rows.map(viewRun), ...cursorOf(rows) }, 200);
  });

function viewRun(row: RunRow): z.infer<typeof runShape> {
  return {
    id: row.id,
    schedule: row.schedule,
    status: row.status,
    dueAt: row.due_at,
    attempt: row.attempt,
    startedAt: row.started_at,
    durationMs: row.duration_ms,
    fuel: row.fuel,
    hostCalls: row.host_calls,
    error: row.error,
  };
}
