/** What may the plugin do, who said so, when and why? And saying otherwise, which holds from its next call. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { changeGrant, type GrantChange } from "../api/grants.ts";
import { pluginsQuery } from "../api/plugins.ts";
import type { PluginDetail } from "../api/types.ts";
import { Card } from "../display/card.tsx";
import { HookList } from "../display/hook-list.tsx";
import { ProblemNotice } from "../display/problem-notice.tsx";
import { RouteList } from "../display/route-list.tsx";
import { useNotify } from "../shell/use-notify.ts";
import { text } from "../text.ts";
import { GrantHostForm } from "./grant-host-form.tsx";
import { GrantTable } from "./grant-table.tsx";

export function PermissionsSection({ plugin }: { readonly plugin: PluginDetail }): ReactElement {
  const client = useQueryClient();
  const notify = useNotify();
  const change = useMutation({
    mutationFn: (wanted: GrantChange) => changeGrant(plugin.id, wanted),
    onSuccess: () => notify("success", text.permissions.changed, text.permissions.changedDetail),
    onSettled: () => client.invalidateQueries({ queryKey: pluginsQuery.queryKey }),
  });
  const network = plugin.grants.find(({ targetKind }) => targetKind === "hosts");
  return (
    <div className="column">
      <Card title={text.permissions.title} hint={text.permissions.hint}>
        {change.error ? <ProblemNotice error={change.error} /> : null}
        {plugin.grants.length === 0 ? (
          <p className="hint">{text.permissions.empty}</p>
        ) : (
          <GrantTable
            grants={plugin.grants}
            pending={change.isPending ? change.variables.capability : null}
            onChange={(wanted) => change.mutate(wanted)}
          />
        )}
        {network ? (
          <GrantHostForm
            hosts={network.targets ?? []}
            busy={change.isPending}
            onGrant={(hosts, done) =>
              change.mutate({ capability: network.capability, allowed: network.allowed, hosts }, { onSuccess: done })
            }
          />
        ) : null}
      </Card>
      {plugin.hooks.length + plugin.routes.length === 0 ? null : (
        <Card title={text.permissions.listens}>
          <HookList hooks={plugin.hooks} />
          <RouteList id={plugin.id} routes={plugin.routes} />
        </Card>
      )}
    </div>
  );
}
