/** The frame around every page: sidebar, a bar with the menu button where the sidebar is hidden, and the page itself. */
import { Sidebar } from "@cloudflare/kumo/components/sidebar";
import type { ReactElement, ReactNode } from "react";
import type { Session } from "../api/types.ts";
import { text } from "../text.ts";
import { LeaveDialog } from "./leave-dialog.tsx";
import { Navigation } from "./navigation.tsx";

interface Props {
  readonly session: Session;
  readonly children: ReactNode;
}

export function Shell({ session, children }: Props): ReactElement {
  return (
    <Sidebar.Provider collapsible="offcanvas" defaultOpen className="shell">
      <a className="skip-link" href="#page">
        {text.shell.skip}
      </a>
      <Navigation session={session} />
      <div className="shell-main">
        <div className="top-bar">
          <Sidebar.Trigger aria-label={text.shell.openNavigation} />
          <span className="brand">{text.common.product}</span>
        </div>
        <main id="page" className="page" tabIndex={-1}>
          {children}
        </main>
      </div>
      <LeaveDialog />
    </Sidebar.Provider>
  );
}
