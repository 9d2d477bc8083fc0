/** The plugin's own log, newest first, from a level upwards. */
import { Badge } from "@cloudflare/kumo/components/badge";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useSearchParams } from "wouter";
import { logsQuery } from "../api/activity.ts";
import type { LogLine } from "../api/types.ts";
import { Card } from "../display/card.tsx";
import { MoreButton } from "../display/more-button.tsx";
import { plainText } from "../display/plain-text.ts";
import { QueryView } from "../display/query-view.tsx";
import { TimeAgo } from "../display/time-ago.tsx";
import { text } from "../text.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const satisfies readonly LogLine["level"][];
const VARIANTS = { debug: "outline", info: "info", warn: "warning", error: "error" } as const;

export function LogList({ id }: { readonly id: string }): ReactElement {
  const logs = useInfiniteQuery(logsQuery(id));
  const [search, setSearch] = useSearchParams();
  const lowest = LEVELS.find((level) => level === search.get("level")) ?? "debug";
  const chooser = (
    <label className="inline-select">
      <span>{text.logs.level}</span>
      <select
        className="select"
        value={lowest}
        onChange={(event) => setSearch({ level: event.target.value }, { replace: true })}
      >
        {LEVELS.map((level) => (
          <option key={level} value={level}>
            {text.logs.from[level]}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <Card title={text.logs.title} hint={text.logs.hint} actions={chooser}>
      <QueryView query={logs} lines={6}>
        {(data) => {
          const lines = data.pages
            .flatMap((page) => page.items)
            .filter((line) => LEVELS.indexOf(line.level) >= LEVELS.indexOf(lowest));
          return (
            <>
              {lines.length === 0 ? <p className="hint">{text.logs.empty}</p> : null}
              <ol className="log">
                {lines.map((line, index) => (
                  <Line key={`${line.at}-${line.invocation ?? ""}-${index}`} line={line} />
                ))}
              </ol>
              <MoreButton query={logs} />
            </>
          );
        }}
      </QueryView>
    </Card>
  );
}

function Line({ line }: { readonly line: LogLine }): ReactElement {
  return (
    <li>
      <span className="hint log-at">
        <TimeAgo at={line.at} />
      </span>
      <Badge variant={VARIANTS[line.level]}>{line.level}</Badge>
      <span className="log-message">{plainText(line.message, 2_000)}</span>
      {line.data === null ? null : (
        <details>
          <summary>{text.logs.data}</summary>
          <pre>{plainText(JSON.stringify(line.data, null, 2) ?? "", 8_000)}</pre>
        </details>
      )}
    </li>
  );
}
