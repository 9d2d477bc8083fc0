/** How did the runs go? Newest first; older ones on demand. */
import { Badge } from "@cloudflare/kumo/components/badge";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { runsQuery } from "../api/activity.ts";
import type { Run } from "../api/types.ts";
import { Card } from "../display/card.tsx";
import { DataTable } from "../display/data-table.tsx";
import { MoreButton } from "../display/more-button.tsx";
import { plainText } from "../display/plain-text.ts";
import { QueryView } from "../display/query-view.tsx";
import { TimeAgo } from "../display/time-ago.tsx";
import { duration } from "../display/time-words.ts";
import { text } from "../text.ts";

const VARIANTS = {
  due: "info",
  running: "info",
  ok: "success",
  failed: "error",
  crashed: "error",
  skipped: "warning",
} as const;

export function RunHistory({ id }: { readonly id: string }): ReactElement {
  const runs = useInfiniteQuery(runsQuery(id));
  return (
    <Card title={text.runs.title}>
      <QueryView query={runs}>
        {(data) => {
          const items = data.pages.flatMap((page) => page.items);
          if (items.length === 0) return <p className="hint">{text.runs.empty}</p>;
          return (
            <>
              <DataTable
                caption={text.runs.title}
                rows={items}
                rowKey={(run) => run.id}
                columns={[
                  {
                    label: text.runs.status,
                    render: (run) => <Status run={run} />,
                  },
                  { label: text.schedules.name, render: (run) => plainText(run.schedule, 80) },
                  { label: text.runs.when, render: (run) => <TimeAgo at={run.startedAt ?? run.dueAt} /> },
                  {
                    label: text.runs.duration,
                    render: (run) => (run.durationMs === null ? "—" : duration(run.durationMs)),
                  },
                  { label: text.runs.result, render: (run) => <Result run={run} /> },
                ]}
              />
              <MoreButton query={runs} />
            </>
          );
        }}
      </QueryView>
    </Card>
  );
}

function Status({ run }: { readonly run: Run }): ReactElement {
  return (
    <>
      <Badge variant={VARIANTS[run.status]}>{text.runs[run.status]}</Badge>
      {run.attempt > 1 ? <span className="hint"> {text.runs.attempt(run.attempt)}</span> : null}
    </>
  );
}

function Result({ run }: { readonly run: Run }): ReactElement {
  if (run.error !== null) return <span className="error-text">{plainText(run.error, 600)}</span>;
  if (run.status === "due") return <span className="hint">{text.runs.atNextTick}</span>;
  if (run.hostCalls === null) return <span className="hint">—</span>;
  return <span className="hint">{text.runs.hostCalls(run.hostCalls)}</span>;
}
