/** When does a schedule run? In words where there are some, and always as the expression with its time zone. */
import type { ReactElement } from "react";
import { cronWords } from "./cron-words.ts";
import { plainText } from "./plain-text.ts";

interface Props {
  readonly cron: string;
  readonly timezone: string;
}

export function ScheduleWords({ cron, timezone }: Props): ReactElement {
  const words = cronWords(cron);
  return (
    <span className="schedule-words">
      {words === null ? null : <span>{words}</span>}
      <span>
        <code className="nowrap">{plainText(cron, 80)}</code> <span className="hint">{plainText(timezone, 64)}</span>
      </span>
    </span>
  );
}
