/** Makes a run due at once. The tick executes it, so the answer says when that is. */
import { Button } from "@cloudflare/kumo/components/button";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { runNow, runsQuery, schedulesQuery } from "../api/activity.ts";
import { plainText } from "../display/plain-text.ts";
import { useNotify, useNotifyProblem } from "../shell/use-notify.ts";
import { text } from "../text.ts";

interface Props {
  readonly id: string;
  readonly schedule: string;
}

export function RunNowButton({ id, schedule }: Props): ReactElement {
  const client = useQueryClient();
  const notify = useNotify();
  const name = plainText(schedule, 80);
  const run = useMutation({
    mutationFn: () => runNow(id, schedule),
    onSuccess: async () => {
      notify("success", text.schedules.due(name), text.schedules.dueDetail);
      await client.invalidateQueries({ queryKey: runsQuery(id).queryKey });
      await client.invalidateQueries({ queryKey: schedulesQuery(id).queryKey });
    },
    onError: useNotifyProblem(),
  });
  return (
    <Button
      size="sm"
      loading={run.isPending}
      onClick={() => run.mutate()}
      aria-label={text.schedules.runNowNamed(name)}
    >
      {text.schedules.runNow}
    </Button>
  );
}
