/** Which schedules does a version bring along? Those of its manifest, in place of those another version brought; a plugin's own stay. */
import type { ManifestSchedule, PluginManifest } from "@bulkhead/sdk";
import { toRulesText } from "../schedule/rules.ts";
import { parseTimetable } from "../schedule/timetable.ts";
import { keepManifestSchedules, putSchedule, type NewSchedule } from "../store/d1/schedules.ts";

/** The statements that put them in place; each is due at its next time after `at`. */
export function putManifestSchedules(
  db: D1Database,
  { id, bulkhead }: Pick<PluginManifest, "id" | "bulkhead">,
  at: Date,
): readonly D1PreparedStatement[] {
  const schedules = bulkhead.schedules ?? [];
  return [
    keepManifestSchedules(
      db,
      id,
      schedules.map((schedule) => schedule.name),
    ),
    ...schedules.map((schedule) => putSchedule(db, toScheduleRow(id, schedule, at))),
  ];
}

/** A schedule of the manifest as a row. */
export function toScheduleRow(id: string, schedule: ManifestSchedule, at: Date): NewSchedule {
  const { name, cron, timezone = "UTC" } = schedule;
  const row = { plugin_id: id, name, schedule: cron, timezone, rules: toRulesText(schedule) };
  const timetable = parseTimetable(row);
  const next = timetable.ok ? timetable.value.next(at) : null;
  return { ...row, source: "manifest", data: null, next_run_at: next?.toISOString() ?? null };
}
