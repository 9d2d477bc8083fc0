/** Lets a schedule run again that the host paused, and says why it had. */
import { Button } from "@cloudflare/kumo/components/button";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, type ReactElement } from "react";
import { resumeSchedule, schedulesQuery } from "../api/activity.ts";
import type { Schedule } from "../api/types.ts";
import { plainText } from "../display/plain-text.ts";
import { useNotify, useNotifyProblem } from "../shell/use-notify.ts";
import { text } from "../text.ts";

interface Props {
  readonly id: string;
  readonly schedule: Schedule;
}

export function ResumeButton({ id, schedule }: Props): ReactElement {
  const client = useQueryClient();
  const notify = useNotify();
  const reason = useId();
  const name = plainText(schedule.name, 80);
  const resume = useMutation({
    mutationFn: () => resumeSchedule(id, schedule.name),
    onSuccess: async () => {
      notify("success", text.schedules.resumed(name), text.schedules.resumedDetail);
      await client.invalidateQueries({ queryKey: schedulesQuery(id).queryKey });
    },
    onError: useNotifyProblem(),
  });
  return (
    <span className="run-now">
      <Button
        size="sm"
        loading={resume.isPending}
        onClick={() => resume.mutate()}
        aria-label={text.schedules.resumeNamed(name)}
        aria-describedby={reason}
      >
        {text.schedules.resume}
      </Button>
      <span id={reason} className="reason">
        {plainText(schedule.waits ?? "", 400)}
      </span>
    </span>
  );
}
