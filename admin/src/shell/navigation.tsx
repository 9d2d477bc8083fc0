/** Where can one go? The sidebar: plugins with their panels, the catalogue, and who is signed in. */
import { Sidebar, useSidebar } from "@cloudflare/kumo/components/sidebar";
import { useQuery } from "@tanstack/react-query";
import { useEffect, type ReactElement } from "react";
import { useLocation } from "wouter";
import { pluginsQuery } from "../api/plugins.ts";
import type { Session } from "../api/types.ts";
import { Icon } from "../display/icon.tsx";
import { text } from "../text.ts";
import { isInside } from "../plugin/paths.ts";
import { PanelLinks } from "./panel-links.tsx";
import { SessionFooter } from "./session-footer.tsx";

export function Navigation({ session }: { readonly session: Session }): ReactElement {
  const [path] = useLocation();
  const plugins = useQuery(pluginsQuery);
  const shown = (plugins.data ?? []).filter((plugin) => plugin.state === "enabled" && plugin.pages.length > 0);
  useCloseAfterNavigation(path);
  return (
    <Sidebar aria-label={text.shell.navigation}>
      <Sidebar.Header>
        <span className="brand">
          <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width="24" height="24" />
          {text.common.product}
        </span>
      </Sidebar.Header>
      <Sidebar.Content>
        <Sidebar.Group>
          <Sidebar.Menu>
            <Sidebar.MenuItem>
              <Sidebar.MenuButton
                href="/plugins"
                icon={<Icon name="plugin" />}
                active={path.startsWith("/plugins") && !shown.some((plugin) => isInside(path, plugin.id))}
              >
                {text.shell.plugins}
              </Sidebar.MenuButton>
            </Sidebar.MenuItem>
            <PanelLinks plugins={shown} path={path} />
            <Sidebar.MenuItem>
              <Sidebar.MenuButton href="/catalogue" icon={<Icon name="catalogue" />} active={path === "/catalogue"}>
                {text.shell.catalogue}
              </Sidebar.MenuButton>
            </Sidebar.MenuItem>
          </Sidebar.Menu>
        </Sidebar.Group>
      </Sidebar.Content>
      <Sidebar.Footer>
        <SessionFooter session={session} />
      </Sidebar.Footer>
    </Sidebar>
  );
}

/** On a phone the sidebar covers the page; it should not once a link was followed. */
function useCloseAfterNavigation(path: string): void {
  const { setOpenMobile } = useSidebar();
  useEffect(() => {
    setOpenMobile(false);
  }, [path, setOpenMobile]);
}
