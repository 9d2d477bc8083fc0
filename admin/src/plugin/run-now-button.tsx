/** Makes a run due at once, or says why that cannot be. The tick executes it, so the answer says when that is. */
import { Button } from "@cloudflare/kumo/components/button";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, type ReactElement } from "react";
import { runNow, runsQuery, schedulesQuery } from "../api/activity.ts";
import type { Schedule } from "../api/types.ts";
import { plainText } from "../display/plain-text.ts";
import { useNotify, useNotifyProblem } from "../shell/use-notify.ts";
import { text } from "../text.ts";

interface Props {
  readonly id: string;
  readonly schedule: Schedule;
}

export function RunNowButton({ id, schedule }: Props): ReactElement {
  const client = useQueryClient();
  const notify = useNotify();
  const reason = useId();
  const name = plainText(schedule.name, 80);
  const run = useMutation({
    mutationFn: () => runNow(id, schedule.name),
    onSuccess: async () => {
      notify("success", text.schedules.due(name), text.schedules.dueDetail);
      await client.invalidateQueries({ queryKey: runsQuery(id).queryKey });
      await client.invalidateQueries({ queryKey: schedulesQuery(id).queryKey });
    },
    onError: useNotifyProblem(),
  });
  return (
    <span className="run-now">
      <Button
        size="sm"
        loading={run.isPending}
        disabled={schedule.waits !== null}
        onClick={() => run.mutate()}
        aria-label={text.schedules.runNowNamed(name)}
        {...(schedule.waits === null ? {} : { "aria-describedby": reason })}
      >
        {text.schedules.runNow}
      </Button>
      {schedule.waits === null ? null : (
        <span id={reason} className="reason">
          {plainText(schedule.waits, 200)}
        </span>
      )}
    </span>
  );
}
