/** When does it run next, and how did the last runs go? Reads again by itself while it is open. */
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { schedulesQuery } from "../api/activity.ts";
import type { PluginDetail } from "../api/types.ts";
import { Card } from "../display/card.tsx";
import { DataTable } from "../display/data-table.tsx";
import { plainText } from "../display/plain-text.ts";
import { QueryView } from "../display/query-view.tsx";
import { ScheduleWords } from "../display/schedule-words.tsx";
import { TimeAgo } from "../display/time-ago.tsx";
import { text } from "../text.ts";
import { ResumeButton } from "./resume-button.tsx";
import { RunHistory } from "./run-history.tsx";
import { RunNowButton } from "./run-now-button.tsx";

export function SchedulesSection({ plugin }: { readonly plugin: PluginDetail }): ReactElement {
  const schedules = useQuery(schedulesQuery(plugin.id));
  return (
    <div className="column">
      <Card title={text.schedules.title} hint={text.schedules.hint}>
        <QueryView query={schedules}>
          {(items) =>
            items.length === 0 ? (
              <p className="hint">{text.schedules.empty}</p>
            ) : (
              <DataTable
                caption={text.schedules.title}
                rows={items}
                rowKey={(schedule) => schedule.name}
                columns={[
                  { label: text.schedules.name, render: (schedule) => plainText(schedule.name, 80) },
                  { label: text.schedules.when, render: (schedule) => <ScheduleWords {...schedule} /> },
                  {
                    label: text.schedules.next,
                    render: (schedule) =>
                      schedule.waits === null ? (
                        <Moment at={schedule.nextRunAt} />
                      ) : (
                        <span className="hint">{text.schedules.waits}</span>
                      ),
                  },
                  { label: text.schedules.last, render: (schedule) => <Moment at={schedule.lastRunAt} /> },
                  {
                    label: text.schedules.act,
                    render: (schedule) =>
                      schedule.paused === null ? (
                        <RunNowButton id={plugin.id} schedule={schedule} />
                      ) : (
                        <ResumeButton id={plugin.id} schedule={schedule} />
                      ),
                  },
                ]}
              />
            )
          }
        </QueryView>
      </Card>
      <RunHistory id={plugin.id} />
    </div>
  );
}

function Moment({ at }: { readonly at: string | null }): ReactElement {
  return at === null ? <span className="hint">{text.schedules.never}</span> : <TimeAgo at={at} />;
}
