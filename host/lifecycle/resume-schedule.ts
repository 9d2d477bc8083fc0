/**
 * How does a schedule run again that the host paused? A person says so, on record. What is broken in a row of the manifest is
 * written anew from it; what a plugin made itself, only the plugin can mend.
 */
import type { Actor } from "../actor.ts";
import { HostError } from "../errors.ts";
import { readRow } from "../schedule/read-row.ts";
import type { Services } from "../services.ts";
import { getPlugin } from "../store/d1/plugins.ts";
import { getSchedule, putSchedule, setResumed, type ScheduleKey, type ScheduleRow } from "../store/d1/schedules.ts";
import { commitAct } from "./act.ts";
import { findVersion, toPlanned } from "./find.ts";
import { toScheduleRow } from "./manifest-schedules.ts";

/** Resumes it. Throws NOT_FOUND, or CONFLICT where it is not paused or cannot be run as it is. */
export async function resumeSchedule(services: Services, by: Actor, key: ScheduleKey): Promise<void> {
  await commitAct(services, by, async () => {
    const { plugin_id: id, name } = key;
    const [plugin, row] = await Promise.all([getPlugin(services.db, id), getSchedule(services.db, key)]);
    if (!plugin || plugin.state === "uninstalled" || !row) {
      throw new HostError("NOT_FOUND", `There is no schedule "${name.slice(0, 64)}" of "${id.slice(0, 64)}".`);
    }
    if (row.paused_at === null) throw new HostError("CONFLICT", `${name} of ${id} is not paused.`);
    return {
      statements: [
        row.source === "manifest" && plugin.live_version !== null
          ? await putAnew(services, row, plugin.live_version)
          : setResumed(services.db, key, nextOf(row, services.now())),
      ],
      act: "schedule.resume",
      target: id,
      detail: { schedule: name, paused: row.paused_reason },
      value: undefined,
    };
  });
}

async function putAnew({ db, now }: Services, row: ScheduleRow, version: string): Promise<D1PreparedStatement> {
  const { manifest } = toPlanned(await findVersion(db, row.plugin_id, version));
  const said = manifest.bulkhead.schedules?.find(({ name }) => name === row.name);
  if (said) return putSchedule(db, toScheduleRow(row.plugin_id, said, now()));
  throw new HostError("CONFLICT", `${row.plugin_id} ${version} has no schedule "${row.name}" in its manifest.`);
}

function nextOf(row: ScheduleRow, now: Date): string {
  const read = readRow({ ...row, next_run_at: now.toISOString(), slot_at: null, attempts: 0, crashes: 0, failures: 0 });
  const fault = read.ok ? undefined : read.reason;
  const next = read.ok ? read.value.timetable.next(now) : null;
  if (next) return next.toISOString();
  throw new HostError(
    "CONFLICT",
    `Cannot resume ${row.name} of ${row.plugin_id}: ${fault ?? "its time has passed"}. The plugin can cancel it, or schedule it anew.`,
  );
}
