/** `/api/admin/plugins/:id/...`: what a plugin did and when it runs next: schedules, runs, invocations, logs. */
import { createRoute, z } from "@hono/zod-openapi";
import { HostError } from "../errors.ts";
import { describeUnfinished, isRunning } from "../invoke/unfinished.ts";
import { commitAct } from "../lifecycle/act.ts";
import { findVersion } from "../lifecycle/find.ts";
import { getInvocation, listInvocations, listLogs, type ListedInvocation } from "../store/d1/invocations.ts";
import { getPlugin } from "../store/d1/plugins.ts";
import { findDueRun, listRuns, putRun, type RunRow } from "../store/d1/runs.ts";
import { listSchedules, setDue } from "../store/d1/schedules.ts";
import { createRouter, cursorQuery, idParam, jsonOf, problems } from "./define.ts";
import { viewPlugin, viewSchedule } from "./plugin-view.ts";
import { requireRole } from "./require-role.ts";
import {
  invocationDetailShape,
  invocationShape,
  logShape,
  pageOf,
  runShape,
  scheduleShape,
  type traceShape,
} from "./shapes.ts";

const tags = ["Activity"];
const PAGE = 50;

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
  request: {
    params: idParam.extend({
      name: z
        .string()
        .max(128)
        .openapi({ param: { name: "name", in: "path" } }),
    }),
  },
  responses: { 202: jsonOf(z.object({ run: runShape }), "The run"), ...problems },
});
const runs = createRoute({
  method: "get",
  path: "/{id}/runs",
  tags,
  summary: "Runs, newest first",
  request: { params: idParam, query: cursorQuery },
  responses: { 200: jsonOf(pageOf(runShape), "The runs"), ...problems },
});
const invocations = createRoute({
  method: "get",
  path: "/{id}/invocations",
  tags,
  summary: "Invocations, newest first",
  request: { params: idParam, query: cursorQuery },
  responses: { 200: jsonOf(pageOf(invocationShape), "The invocations"), ...problems },
});
const invocation = createRoute({
  method: "get",
  path: "/{id}/invocations/{invocation}",
  tags,
  summary: "One invocation, with the author's file, line and code where it threw",
  request: {
    params: idParam.extend({
      invocation: z
        .string()
        .max(64)
        .openapi({ param: { name: "invocation", in: "path" } }),
    }),
  },
  responses: { 200: jsonOf(z.object({ invocation: invocationDetailShape }), "The invocation"), ...problems },
});
const logs = createRoute({
  method: "get",
  path: "/{id}/logs",
  tags,
  summary: "Log lines, newest first",
  request: { params: idParam, query: cursorQuery },
  responses: { 200: jsonOf(pageOf(logShape), "The lines"), ...problems },
});

/** The router, mounted at `/api/admin/plugins`. */
export const activityApi = createRouter()
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
      const [plugin, rows, waiting] = await Promise.all([
        getPlugin(db, id),
        listSchedules(db, id),
        findDueRun(db, id, name),
      ]);
      if (!plugin || plugin.state === "uninstalled" || !rows.some((row) => row.name === name)) {
        throw new HostError("NOT_FOUND", `There is no schedule "${name.slice(0, 64)}" of "${id.slice(0, 64)}".`);
      }
      if (plugin.state !== "enabled" || plugin.live_version === null) {
        throw new HostError("CONFLICT", `${id} is ${plugin.state}. Enable it first.`);
      }
      const at = services.now().toISOString();
      const version = await findVersion(db, id, plugin.live_version);
      const row: RunRow = waiting ?? {
        id: services.newId(),
        plugin_id: id,
        version: version.version,
        schedule: name,
        status: "due",
        due_at: at,
        started_at: null,
        duration_ms: null,
        fuel: null,
        host_calls: null,
        error: null,
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
  .openapi(runs, async (c) => {
    requireRole(c, "publisher", "reviewer");
    const rows = await listRuns(c.get("services").db, c.req.valid("param").id, c.req.valid("query").cursor, PAGE);
    return c.json({ items: rows.map(viewRun), ...cursorOf(rows) }, 200);
  })
  .openapi(invocations, async (c) => {
    requireRole(c, "publisher", "reviewer");
    const rows = await listInvocations(
      c.get("services").db,
      c.req.valid("param").id,
      c.req.valid("query").cursor,
      PAGE,
    );
    const now = c.get("services").now();
    return c.json({ items: rows.map((row) => viewInvocation(row, now)), ...cursorOf(rows) }, 200);
  })
  .openapi(invocation, async (c) => {
    requireRole(c, "publisher", "reviewer");
    const { id, invocation: wanted } = c.req.valid("param");
    const row = await getInvocation(c.get("services").db, id, wanted);
    if (!row) {
      throw new HostError("NOT_FOUND", `There is no invocation "${wanted}" of "${id}". They are kept for 30 days.`);
    }
    const trace = row.trace === null ? null : (JSON.parse(row.trace) as z.infer<typeof traceShape>);
    return c.json({ invocation: { ...viewInvocation(row, c.get("services").now()), trace } }, 200);
  })
  .openapi(logs, async (c) => {
    requireRole(c, "publisher", "reviewer");
    const rows = await listLogs(c.get("services").db, c.req.valid("param").id, c.req.valid("query").cursor, PAGE);
    const items = rows.map((row) => ({
      at: row.at,
      level: row.level,
      message: row.message,
      data: row.data === null ? null : readData(row.data),
      invocation: row.invocation_id,
    }));
    return c.json({ items, ...cursorOf(rows) }, 200);
  });

function cursorOf(rows: readonly { readonly id: string }[]): { cursor?: string } {
  const last = rows.at(-1);
  return rows.length === PAGE && last ? { cursor: last.id } : {};
}

function viewInvocation(row: ListedInvocation, now: Date): z.infer<typeof invocationShape> {
  const isLost = row.status === "started" && !isRunning(row.at, now);
  return {
    id: row.id,
    at: row.at,
    kind: row.kind as z.infer<typeof invocationShape>["kind"],
    name: row.name,
    status: row.status !== "started" ? row.status : isLost ? "unfinished" : "running",
    durationMs: row.duration_ms,
    fuel: row.fuel,
    peakBytes: row.peak_bytes,
    hostCalls: row.host_calls,
    requests: row.requests,
    bytesIn: row.bytes_in,
    bytesOut: row.bytes_out,
    outside: row.outside,
    error: isLost ? describeUnfinished(row.outside) : row.error,
    place: row.place,
  };
}

function viewRun(row: RunRow): z.infer<typeof runShape> {
  return {
    id: row.id,
    schedule: row.schedule,
    status: row.status,
    dueAt: row.due_at,
    startedAt: row.started_at,
    durationMs: row.duration_ms,
    fuel: row.fuel,
    hostCalls: row.host_calls,
    error: row.error,
  };
}

/** Data is cut at a length when it is recorded, so it may end in the middle of its JSON; then it is shown as text. */
function readData(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
