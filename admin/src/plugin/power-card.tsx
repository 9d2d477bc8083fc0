/** Is it on, and how is it switched? */
import { Button } from "@cloudflare/kumo/components/button";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { disable, enable, pluginsQuery } from "../api/plugins.ts";
import type { PluginDetail } from "../api/types.ts";
import { Card } from "../display/card.tsx";
import { plainText } from "../display/plain-text.ts";
import { ProblemNotice } from "../display/problem-notice.tsx";
import { useNotify } from "../shell/use-notify.ts";
import { text } from "../text.ts";

export function PowerCard({ plugin }: { readonly plugin: PluginDetail }): ReactElement | null {
  const client = useQueryClient();
  const notify = useNotify();
  const verb = verbFor(plugin.state);
  const act = useMutation({
    mutationFn: (which: "enable" | "disable") => (which === "enable" ? enable(plugin.id) : disable(plugin.id)),
    onSuccess: (changed) => {
      const name = plainText(changed.name, 80);
      notify("success", changed.state === "enabled" ? text.power.enabled(name) : text.power.disabled(name));
    },
    onSettled: () => client.invalidateQueries({ queryKey: pluginsQuery.queryKey }),
  });
  if (verb === null) return null;
  return (
    <Card
      title={text.power.title}
      hint={text.power.hint[verb]}
      actions={
        <Button
          variant={verb === "enable" ? "primary" : "secondary"}
          loading={act.isPending}
          onClick={() => act.mutate(verb)}
        >
          {text.power[verb]}
        </Button>
      }
    >
      {act.error ? <ProblemNotice error={act.error} /> : null}
    </Card>
  );
}

/** What can be done in a state; null where neither makes sense before consent or after removal. */
function verbFor(state: PluginDetail["state"]): "enable" | "disable" | null {
  switch (state) {
    case "enabled":
      return "disable";
    case "disabled":
    case "parked":
      return "enable";
    case "uploaded":
    case "activating":
    case "rejected":
    case "uninstalled":
      return null;
  }
}
