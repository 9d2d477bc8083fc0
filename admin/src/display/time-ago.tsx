/** When was or will that be? Relative in the text, absolute on hover and for machines. */
import type { ReactElement } from "react";
import { absoluteTime, relativeTime } from "./time-words.ts";
import { useNow } from "./use-now.ts";

export function TimeAgo({ at }: { readonly at: string }): ReactElement {
  const now = useNow();
  const moment = Date.parse(at);
  if (Number.isNaN(moment)) return <span>{at.slice(0, 40)}</span>;
  return (
    <time dateTime={at} title={absoluteTime(moment)}>
      {relativeTime(moment, now)}
    </time>
  );
}
