/** What is the plugin told? Loads the settings and says how fresh they are. */
import { Button } from "@cloudflare/kumo/components/button";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { settingsQuery } from "../api/settings.ts";
import type { PluginDetail } from "../api/types.ts";
import { Card } from "../display/card.tsx";
import { QueryView } from "../display/query-view.tsx";
import { TimeAgo } from "../display/time-ago.tsx";
import { text } from "../text.ts";
import { SettingsForm } from "./settings-form.tsx";

export function SettingsSection({ plugin }: { readonly plugin: PluginDetail }): ReactElement {
  const settings = useQuery(settingsQuery(plugin.id));
  const age =
    settings.dataUpdatedAt === 0 ? null : (
      <span>
        {text.settings.read} <TimeAgo at={new Date(settings.dataUpdatedAt).toISOString()} />
      </span>
    );
  const again = (
    <Button size="sm" loading={settings.isFetching} onClick={() => void settings.refetch()}>
      {text.settings.readAgain}
    </Button>
  );
  return (
    <Card title={text.settings.title} hint={age} actions={again}>
      <QueryView query={settings} lines={6}>
        {(items) =>
          items.length === 0 ? (
            <p className="hint">{text.settings.empty}</p>
          ) : (
            <SettingsForm id={plugin.id} settings={items} />
          )
        }
      </QueryView>
    </Card>
  );
}
