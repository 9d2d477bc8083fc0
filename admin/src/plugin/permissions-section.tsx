/** What may the plugin do, who said so, when and why? */
import { Badge } from "@cloudflare/kumo/components/badge";
import type { ReactElement } from "react";
import type { Grant, PluginDetail } from "../api/types.ts";
import { Card } from "../display/card.tsx";
import { DataTable } from "../display/data-table.tsx";
import { HookList } from "../display/hook-list.tsx";
import { plainText } from "../display/plain-text.ts";
import { RouteList } from "../display/route-list.tsx";
import { TimeAgo } from "../display/time-ago.tsx";
import { text } from "../text.ts";

export function PermissionsSection({ plugin }: { readonly plugin: PluginDetail }): ReactElement {
  return (
    <div className="column">
      <Card title={text.permissions.title} hint={text.permissions.hint}>
        {plugin.grants.length === 0 ? (
          <p className="hint">{text.permissions.empty}</p>
        ) : (
          <DataTable
            caption={text.permissions.title}
            rows={plugin.grants}
            rowKey={(grant) => grant.capability}
            columns={[
              { label: text.permissions.what, render: (grant) => <What grant={grant} /> },
              {
                label: text.permissions.answer,
                render: (grant) => (
                  <Badge variant={grant.allowed ? "success" : "error"}>
                    {grant.allowed ? text.permissions.allowed : text.permissions.declined}
                  </Badge>
                ),
              },
              { label: text.permissions.who, render: (grant) => <Who grant={grant} /> },
              {
                label: text.permissions.note,
                render: (grant) => (grant.note === null ? "—" : plainText(grant.note, 500)),
              },
            ]}
          />
        )}
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

function What({ grant }: { readonly grant: Grant }): ReactElement {
  return (
    <>
      <span>{plainText(grant.label, 160)}</span>
      <code className="hint own-line">{grant.capability}</code>
      {grant.hosts === null ? null : (
        <span className="chips">
          {grant.hosts.map((host) => (
            <code key={host} className="chip">
              {plainText(host, 120)}
            </code>
          ))}
        </span>
      )}
    </>
  );
}

function Who({ grant }: { readonly grant: Grant }): ReactElement {
  return (
    <>
      {plainText(grant.grantedBy, 60)}, <TimeAgo at={grant.grantedAt} />
      {grant.until === null ? null : (
        <span className="hint own-line">
          {text.permissions.until} <TimeAgo at={grant.until} />
        </span>
      )}
    </>
  );
}
