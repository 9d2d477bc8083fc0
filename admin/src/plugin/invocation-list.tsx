/** Every entry into the plugin: what called it, how it ended, what it used. */
import { Badge } from "@cloudflare/kumo/components/badge";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { invocationsQuery } from "../api/activity.ts";
import { Card } from "../display/card.tsx";
import { DataTable } from "../display/data-table.tsx";
import { MoreButton } from "../display/more-button.tsx";
import { plainText } from "../display/plain-text.ts";
import { QueryView } from "../display/query-view.tsx";
import { TimeAgo } from "../display/time-ago.tsx";
import { duration } from "../display/time-words.ts";
import { text } from "../text.ts";
import { FailureTrace } from "./failure-trace.tsx";

const VARIANTS = {
  running: "info",
  ok: "success",
  threw: "error",
  stopped: "error",
  unfinished: "error",
} as const;

export function InvocationList({ id }: { readonly id: string }): ReactElement {
  const calls = useInfiniteQuery(invocationsQuery(id));
  return (
    <Card title={text.calls.title} hint={text.calls.hint}>
      <QueryView query={calls} lines={6}>
        {(data) => {
          const items = data.pages.flatMap((page) => page.items);
          if (items.length === 0) return <p className="hint">{text.calls.empty}</p>;
          return (
            <>
              <DataTable
                caption={text.calls.title}
                rows={items}
                rowKey={(call) => call.id}
                detail={(call) =>
                  call.place === null ? null : <FailureTrace plugin={id} call={call.id} place={call.place} />
                }
                columns={[
                  {
                    label: text.runs.status,
                    render: (call) => <Badge variant={VARIANTS[call.status]}>{text.calls[call.status]}</Badge>,
                  },
                  {
                    label: text.calls.what,
                    render: (call) => (
                      <>
                        {text.calls.kind[call.kind]} <code>{plainText(call.name, 80)}</code>
                        {call.error === null ? null : (
                          <span className="error-text own-line">{plainText(call.error, 600)}</span>
                        )}
                      </>
                    ),
                  },
                  { label: text.runs.when, render: (call) => <TimeAgo at={call.at} /> },
                  { label: text.runs.duration, render: (call) => duration(call.durationMs) },
                  {
                    label: text.calls.used,
                    render: (call) => <span className="hint">{text.calls.use(call.hostCalls, call.requests)}</span>,
                  },
                ]}
              />
              <MoreButton query={calls} />
            </>
          );
        }}
      </QueryView>
    </Card>
  );
}
