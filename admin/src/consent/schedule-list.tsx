/** When does the plugin run by itself, and when for the first time? */
import type { ReactElement } from "react";
import type { Plan } from "../api/types.ts";
import { plainText } from "../display/plain-text.ts";
import { ScheduleWords } from "../display/schedule-words.tsx";
import { TimeAgo } from "../display/time-ago.tsx";
import { text } from "../text.ts";

export function ScheduleList({ plan }: { readonly plan: Plan }): ReactElement | null {
  if (plan.schedules.length === 0) return null;
  return (
    <div className="sub">
      <h3>{text.consent.schedules}</h3>
      <ul className="lines">
        {plan.schedules.map((schedule) => (
          <li key={schedule.name}>
            <strong>{plainText(schedule.name, 60)}</strong>
            <ScheduleWords cron={schedule.cron} timezone={schedule.timezone} />
            {schedule.nextRunAt === null ? null : (
              <span className="hint">
                {text.consent.nextRun} <TimeAgo at={schedule.nextRunAt} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
