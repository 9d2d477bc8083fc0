/** The plugins that have pages of their own, each with its pages under it, the moment it is enabled. */
import { Sidebar } from "@cloudflare/kumo/components/sidebar";
import type { ReactElement } from "react";
import type { Plugin } from "../api/types.ts";
import { plainText } from "../display/plain-text.ts";
import { isInside, panelPath, pluginPath } from "../plugin/paths.ts";

interface Props {
  readonly plugins: readonly Plugin[];
  readonly path: string;
}

export function PanelLinks({ plugins, path }: Props): ReactElement {
  return (
    <>
      {plugins.map((plugin) => (
        <Sidebar.MenuItem key={plugin.id}>
          <Sidebar.MenuSub>
            <Sidebar.MenuSubItem>
              <Sidebar.MenuSubButton
                href={pluginPath(plugin.id)}
                active={
                  isInside(path, plugin.id) && !plugin.pages.some((page) => path === panelPath(plugin.id, page.path))
                }
              >
                {plainText(plugin.name, 40)}
              </Sidebar.MenuSubButton>
            </Sidebar.MenuSubItem>
            {plugin.pages.map((page) => (
              <Sidebar.MenuSubItem key={page.path} className="panel-link">
                <Sidebar.MenuSubButton
                  href={panelPath(plugin.id, page.path)}
                  active={path === panelPath(plugin.id, page.path)}
                >
                  {plainText(page.label, 40)}
                </Sidebar.MenuSubButton>
              </Sidebar.MenuSubItem>
            ))}
          </Sidebar.MenuSub>
        </Sidebar.MenuItem>
      ))}
    </>
  );
}
