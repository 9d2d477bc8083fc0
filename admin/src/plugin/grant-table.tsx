/** Each permission with its answer, who gave it, and the button that gives the other one. */
import { Badge } from "@cloudflare/kumo/components/badge";
import { Button } from "@cloudflare/kumo/components/button";
import type { ReactElement } from "react";
import type { GrantChange } from "../api/grants.ts";
import type { Grant } from "../api/types.ts";
import { DataTable } from "../display/data-table.tsx";
import { plainText } from "../display/plain-text.ts";
import { TimeAgo } from "../display/time-ago.tsx";
import { text } from "../text.ts";

interface Props {
  readonly grants: readonly Grant[];
  /** The permission that is being changed, or null. */
  readonly pending: string | null;
  readonly onChange: (change: GrantChange) => void;
}

export function GrantTable({ grants, pending, onChange }: Props): ReactElement {
  return (
    <DataTable
      caption={text.permissions.title}
      rows={grants}
      rowKey={(grant) => grant.capability}
      columns={[
        { label: text.permissions.what, render: (grant) => <What grant={grant} /> },
        {
          label: text.permissions.answer,
          render: (grant) => <Answer grant={grant} />,
        },
        { label: text.permissions.who, render: (grant) => <Who grant={grant} /> },
        {
          label: text.permissions.note,
          render: (grant) => (grant.note === null ? "—" : plainText(grant.note, 500)),
        },
        {
          label: text.permissions.act,
          render: ({ capability, label, allowed }) => {
            const verb = allowed ? text.permissions.decline : text.permissions.allow;
            return (
              <Button
                size="sm"
                aria-label={text.permissions.actNamed(verb, plainText(label, 160))}
                loading={pending === capability}
                disabled={pending !== null}
                onClick={() => onChange({ capability, allowed: !allowed })}
              >
                {verb}
              </Button>
            );
          },
        },
      ]}
    />
  );
}

function Answer({ grant: { allowed, paused, mode } }: { readonly grant: Grant }): ReactElement {
  const { answers } = text.permissions;
  if (paused) return <Badge variant="warning">{answers.paused}</Badge>;
  return (
    <>
      <Badge variant={allowed ? "success" : "error"}>{allowed ? answers.allowed : answers.declined}</Badge>
      {mode === "report" ? <Badge variant="warning">{answers.triedOut}</Badge> : null}
    </>
  );
}

function What({ grant }: { readonly grant: Grant }): ReactElement {
  return (
    <>
      <span>{plainText(grant.label, 160)}</span>
      <code className="hint own-line">{grant.capability}</code>
      {grant.targets === null ? null : (
        <span className="chips">
          {grant.targets.map((name) => (
            <code key={name} className="chip">
              {plainText(name, 120)}
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
