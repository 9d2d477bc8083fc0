/** One plugin of the list: what it is, how it is, and what it waits for. */
import { Badge } from "@cloudflare/kumo/components/badge";
import type { ReactElement } from "react";
import { Link } from "wouter";
import type { Plugin } from "../api/types.ts";
import { LinkButton } from "../display/link-button.tsx";
import { plainText } from "../display/plain-text.ts";
import { TimeAgo } from "../display/time-ago.tsx";
import { consentPath, pluginPath } from "../plugin/paths.ts";
import { text } from "../text.ts";
import { StateBadge } from "./state-badge.tsx";

export function PluginRow({ plugin }: { readonly plugin: Plugin }): ReactElement {
  return (
    <li className="plugin-row">
      <div className="plugin-row-main">
        <div className="plugin-row-title">
          <Link href={pluginPath(plugin.id)} className="title-link">
            {plainText(plugin.name, 80)}
          </Link>
          <StateBadge state={plugin.state} />
          {plugin.needsSetup.length > 0 ? <Badge variant="warning">{text.plugins.needsSetup}</Badge> : null}
          {plugin.recentFailures > 0 ? (
            <Badge variant="error">{text.plugins.recentFailures(plugin.recentFailures)}</Badge>
          ) : null}
        </div>
        <p className="clamp">{plainText(plugin.description, 300)}</p>
        <p className="hint">
          <code>{plugin.id}</code> · {text.plugins.version(plainText(plugin.version, 40))} · {text.plugins.changed}{" "}
          <TimeAgo at={plugin.updatedAt} />
        </p>
        {plugin.reason ? <p className="reason">{plainText(plugin.reason, 300)}</p> : null}
      </div>
      <NextAct plugin={plugin} />
    </li>
  );
}

/** The one thing that waits for a person, if any. */
function NextAct({ plugin }: { readonly plugin: Plugin }): ReactElement | null {
  // While nothing is live, the version that is shown is the one that waits.
  const isUpdate = plugin.staged !== null && plugin.staged.digest !== plugin.digest;
  if (plugin.staged !== null && isUpdate) {
    const version = plainText(plugin.staged.version, 40);
    return <LinkButton to={consentPath(plugin.id)}>{text.plugins.reviewUpdate(version)}</LinkButton>;
  }
  if (plugin.staged !== null || plugin.state === "uploaded") {
    return (
      <LinkButton to={consentPath(plugin.id)} variant="primary">
        {text.plugins.review}
      </LinkButton>
    );
  }
  if (plugin.needsSetup.length > 0) {
    return <LinkButton to={pluginPath(plugin.id, "settings")}>{text.plugins.setUp}</LinkButton>;
  }
  return null;
}
