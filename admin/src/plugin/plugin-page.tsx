/** Everything about one plugin, in sections that have addresses of their own. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, type ReactElement } from "react";
import { useLocation } from "wouter";
import { pluginQuery } from "../api/plugins.ts";
import type { PluginDetail } from "../api/types.ts";
import { PageHeader } from "../display/page-header.tsx";
import { plainText } from "../display/plain-text.ts";
import { QueryView } from "../display/query-view.tsx";
import { Skeleton } from "../display/skeleton.tsx";
import { StateBadge } from "../plugins/state-badge.tsx";
import { SettingsSection } from "../settings/settings-section.tsx";
import { text } from "../text.ts";
import { LogsSection } from "./logs-section.tsx";
import { Overview } from "./overview.tsx";
import { panelPath, SECTIONS, pluginPath } from "./paths.ts";
import { PermissionsSection } from "./permissions-section.tsx";
import { SchedulesSection } from "./schedules-section.tsx";
import { SectionLinks } from "./section-links.tsx";

// The block renderer brings a chart library with it: loaded by who opens a panel, by nobody else.
const Panel = lazy(async () => ({ default: (await import("../panel/panel.tsx")).Panel }));

export function PluginPage({ id }: { readonly id: string }): ReactElement {
  const plugin = useQuery(pluginQuery(id));
  return (
    <QueryView query={plugin} lines={8}>
      {(data) => <LoadedPlugin plugin={data} />}
    </QueryView>
  );
}

function LoadedPlugin({ plugin }: { readonly plugin: PluginDetail }): ReactElement {
  return (
    <>
      <PageHeader
        title={plainText(plugin.name, 80)}
        badges={
          <>
            <StateBadge state={plugin.state} />
            <span className="hint">{text.plugins.version(plainText(plugin.version, 40))}</span>
          </>
        }
        hint={plainText(plugin.description, 300)}
      />
      <SectionLinks plugin={plugin} />
      <SectionOf plugin={plugin} />
    </>
  );
}

function SectionOf({ plugin }: { readonly plugin: PluginDetail }): ReactElement {
  const [path] = useLocation();
  const page = plugin.pages.find((each) => panelPath(plugin.id, each.path) === path);
  if (page) {
    return (
      <Suspense fallback={<Skeleton lines={6} />}>
        <Panel key={page.path} plugin={plugin} page={page} />
      </Suspense>
    );
  }
  switch (SECTIONS.find((section) => pluginPath(plugin.id, section) === path)) {
    case "overview":
      return <Overview plugin={plugin} />;
    case "settings":
      return <SettingsSection plugin={plugin} />;
    case "schedules":
      return <SchedulesSection plugin={plugin} />;
    case "permissions":
      return <PermissionsSection plugin={plugin} />;
    case "logs":
      return <LogsSection plugin={plugin} />;
    case undefined:
      return <p className="hint">{text.notFound.section}</p>;
  }
}
