/** `/api/admin/plugins/:id/invocations` and `/logs`: what did a plugin do, and what did it say? */
import { createRoute, z } from "@hono/zod-openapi";
import { HostError } from "../errors.ts";
import { describeUnfinished, isRunning } from "../invoke/unfinished.ts";
import { getInvocation, listInvocations, listLogs, type ListedInvocation } from "../store/d1/invocations.ts";
import { createRouter, cursorOf, cursorQuery, idParam, jsonOf, PAGE, problems } from "./define.ts";
import { requireRole } from "./require-role.ts";
import { invocationDetailShape, invocationShape, logShape, pageOf, type traceShape } from "./shapes.ts";

const tags = ["Activity"];

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

/** Data is cut at a length when it is recorded, so it may end in the middle of its JSON; then it is shown as text. */
function readData(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
