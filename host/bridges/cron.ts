/** `ctx.cron`: tasks the plugin schedules for itself. They arrive at its `cron` hook. */
import { z } from "zod";
import { acceptSchedule } from "../schedule/accept.ts";
import { parseTimetable } from "../schedule/timetable.ts";
import { deleteOwnSchedule, listSchedules, putOwnSchedule } from "../store/d1/schedules.ts";
import { ELSEWHERE, toPut } from "../usage/stored-change.ts";
import { BridgeError, defineMethod } from "./define-bridge.ts";
import { BRIDGE_LIMITS } from "./limits.ts";

const taskName = z
  .string()
  .max(128)
  .regex(/^[a-zA-Z][a-zA-Z0-9_-]*$/, "Expected letters, digits, - and _, starting with a letter");

/** The task's data; the JSON text is what is stored. */
const dataArgument = z
  .record(z.string(), z.unknown())
  .optional()
  .transform((data) => (data === undefined ? null : JSON.stringify(data)))
  .refine((text) => text === null || text.length <= BRIDGE_LIMITS.valueChars, {
    message: `Expected at most ${BRIDGE_LIMITS.valueChars} characters as JSON`,
  });

/** The bridge methods of `ctx.cron`. */
export const cronMethods = [
  defineMethod({
    name: "cron.schedule",
    capability: null,
    summary: "Schedules a task of the plugin's own, by cron expression or for one time.",
    args: z.tuple([
      taskName,
      z.strictObject({
        schedule: z.string().min(1).max(256),
        data: dataArgument,
      }),
    ]),
    kind: "data",
    writes: true,
    stores: (id, { data }) => (data === null ? undefined : { collection: ELSEWHERE, puts: [toPut({ id, data })] }),
    async handler(call, name, { schedule, data }) {
      const { plan, now } = call.services;
      const row = { plugin_id: call.plugin.id, name, schedule, timezone: "UTC", rules: null };
      const accepted = acceptSchedule(schedule, { timezone: row.timezone, plan });
      if (!accepted.ok) throw new BridgeError("INVALID_ARGUMENT", accepted.reason);
      const timetable = parseTimetable(row);
      const next = timetable.ok ? timetable.value.next(now()) : null;
      if (!next) throw new BridgeError("INVALID_ARGUMENT", `"${schedule}" lies in the past.`);
      const due = { ...row, data, next_run_at: next.toISOString() };
      const end = await putOwnSchedule(call.services.db, due, BRIDGE_LIMITS.schedules);
      if (end === "taken") {
        throw new BridgeError("CONFLICT", `The manifest has a schedule "${name}". Use another name.`);
      }
      if (end === "full") {
        throw new BridgeError(
          "BUDGET_EXCEEDED",
          `A plugin may have ${BRIDGE_LIMITS.schedules} schedules. Cancel one first.`,
        );
      }
    },
  }),
  defineMethod({
    name: "cron.cancel",
    capability: null,
    summary: "Cancels a task the plugin scheduled.",
    args: z.tuple([taskName]),
    kind: "data",
    writes: true,
    handler: (call, name) => deleteOwnSchedule(call.services.db, call.plugin.id, name),
  }),
  defineMethod({
    name: "cron.list",
    capability: null,
    summary: "Lists the plugin's schedules, the manifest's included.",
    args: z.tuple([]),
    kind: "data",
    async handler(call) {
      const rows = await listSchedules(call.services.db, call.plugin.id);
      return rows.map((row) => ({
        name: row.name,
        schedule: row.schedule,
        nextRunAt: row.next_run_at,
        lastRunAt: row.last_run_at,
      }));
    },
  }),
];
