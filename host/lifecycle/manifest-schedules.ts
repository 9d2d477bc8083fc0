/** Which schedules does a version bring along? Those of its manifest, in place of those another version brought; a plugin's own stay. */
import type { PluginManifest } from "@bulkhead/sdk";
import { parseSchedule } from "../schedule/next-run.ts";
import { keepManifestSchedules, putSchedule } from "../store/d1/schedules.ts";

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
    ...schedules.map(({ name, cron, timezone = "UTC" }) => {
      const parsed = parseSchedule(cron, timezone);
      const next = parsed.ok ? parsed.value.next(at) : null;
      return putSchedule(db, {
        plugin_id: id,
        name,
        source: "manifest",
        schedule: cron,
        timezone,
        data: null,
        next_run_at: next?.toISOString() ?? null,
      });
    }),
  ];
}
