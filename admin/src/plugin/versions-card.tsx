/** Which versions are kept, and which one is live? */
import { Badge } from "@cloudflare/kumo/components/badge";
import type { ReactElement } from "react";
import type { PluginDetail } from "../api/types.ts";
import { Card } from "../display/card.tsx";
import { DataTable } from "../display/data-table.tsx";
import { plainText } from "../display/plain-text.ts";
import { TimeAgo } from "../display/time-ago.tsx";
import { text } from "../text.ts";

const VARIANTS = { live: "success", staged: "warning", kept: "outline", rejected: "error" } as const;

export function VersionsCard({ plugin }: { readonly plugin: PluginDetail }): ReactElement {
  return (
    <Card title={text.versions.title}>
      <DataTable
        caption={text.versions.title}
        rows={plugin.versions}
        rowKey={(version) => `${version.version}-${version.digest}`}
        columns={[
          { label: text.facts.version, render: (version) => plainText(version.version, 40) },
          {
            label: text.versions.state,
            render: (version) => <Badge variant={VARIANTS[version.state]}>{text.versions[version.state]}</Badge>,
          },
          {
            label: text.versions.uploaded,
            render: (version) => (
              <>
                <TimeAgo at={version.uploadedAt} /> {text.common.by(plainText(version.uploadedBy, 60))}
              </>
            ),
          },
          {
            label: text.facts.digest,
            render: (version) => <code title={version.digest}>{version.digest.slice(0, 12)}</code>,
          },
        ]}
      />
    </Card>
  );
}
