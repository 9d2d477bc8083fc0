/** `ctx.cron`: tasks the plugin schedules for itself. They arrive at its `cron` hook. */
import { z } from "zod";
import { parseSchedule } from "../schedule/next-run.ts";
import { deleteOwnSchedule, listSchedules, putSchedule } from "../store/d1/schedules.ts";
import { BridgeError, defineMethod } from "./define-bridge.ts";
import { BRIDGE_LIMITS } from "./limits.ts";

const taskName = z
  .string()
  .max(128)
  .regex(/^[a-zA-Z][a-zA-Z0-9_-]*$/, "Expected letters, digits, - and _, starting with a letter");

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
        data: z.record(z.string(), z.unknown()).optional(),
      }),
    ]),
    kind: "data",
    writes: true,
    async handler(call, name, { schedule, data }) {
      const parsed = parseSchedule(schedule, "UTC");
      if (!parsed.ok) throw new BridgeError("INVALID_ARGUMENT", parsed.reason);
      const next = parsed.value.next(call.services.now());
      if (!next) throw new BridgeError("INVALID_ARGUMENT", `"${schedule}" lies in the past.`);
      const text = data === undefined ? null : JSON.stringify(data);
      if (text !== null && text.length > BRIDGE_LIMITS.valueChars) {
        throw new BridgeError(
          "INVALID_ARGUMENT",
          `The data has more than ${BRIDGE_LIMITS.valueChars} characters as JSON.`,
        );
      }
      const existing = await listSchedules(call.services.db, call.plugin.id);
      const same = existing.find((row) => row.name === name);
      if (same?.source === "manifest") {
        throw new BridgeError("CONFLICT", `The manifest has a schedule "${name}". Use another name.`);
      }
      if (!same && existing.length >= BRIDGE_LIMITS.schedules) {
        throw new BridgeError(
          "BUDGET_EXCEEDED",
          `A plugin may have ${BRIDGE_LIMITS.schedules} schedules. Cancel one first.`,
        );
      }
      await putSchedule(call.services.db, {
        plugin_id: call.plugin.id,
        name,
        source: "plugin",
        schedule,
        timezone: "UTC",
        data: text,
        next_run_at: next.toISOString(),
      }).run();
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
