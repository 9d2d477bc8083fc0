/** Which plugins are there, and how does one add another? */
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { pluginsQuery } from "../api/plugins.ts";
import { PageHeader } from "../display/page-header.tsx";
import { QueryView } from "../display/query-view.tsx";
import { text } from "../text.ts";
import { NoPlugins } from "./no-plugins.tsx";
import { PluginRow } from "./plugin-row.tsx";
import { UploadArea } from "./upload-area.tsx";

export function PluginsPage(): ReactElement {
  const plugins = useQuery(pluginsQuery);
  return (
    <>
      <PageHeader title={text.plugins.title} hint={text.plugins.hint} />
      <UploadArea />
      <QueryView query={plugins} lines={6}>
        {(items) =>
          items.length === 0 ? (
            <NoPlugins />
          ) : (
            <ul className="plugin-list" aria-label={text.plugins.title}>
              {items.map((plugin) => (
                <PluginRow key={plugin.id} plugin={plugin} />
              ))}
            </ul>
          )
        }
      </QueryView>
    </>
  );
}
