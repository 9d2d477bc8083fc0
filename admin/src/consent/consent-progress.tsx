/** From yes to live: how long it has taken, whether it worked, and where to go next. */
import { Banner } from "@cloudflare/kumo/components/banner";
import { Loader } from "@cloudflare/kumo/components/loader";
import type { ReactElement } from "react";
import type { Plugin } from "../api/types.ts";
import { Card } from "../display/card.tsx";
import { LinkButton } from "../display/link-button.tsx";
import { plainText } from "../display/plain-text.ts";
import { duration } from "../display/time-words.ts";
import { panelPath, pluginPath } from "../plugin/paths.ts";
import { text } from "../text.ts";
import type { Activation } from "./use-activation.ts";

export function ConsentProgress({ activation }: { readonly activation: Activation }): ReactElement {
  const elapsed = <output className="elapsed">{duration(activation.elapsedMs)}</output>;
  switch (activation.status) {
    case "working":
      return (
        <Card title={text.progress.title} actions={elapsed}>
          <p className="working" role="status">
            <Loader size="sm" /> {activation.plugin === null ? text.progress.granting : text.progress.activating}
          </p>
        </Card>
      );
    case "live":
      return (
        <Card title={text.progress.live} actions={elapsed}>
          <p role="status">
            {text.progress.liveIn(plainText(activation.plugin.name, 80), duration(activation.elapsedMs))}
          </p>
          <NextSteps plugin={activation.plugin} />
        </Card>
      );
    case "stopped":
      return (
        <Card title={text.progress.stopped} actions={elapsed}>
          <Banner
            variant="error"
            title={text.state[activation.plugin.state]}
            description={plainText(activation.plugin.reason ?? text.progress.noReason, 600)}
          />
          <div className="actions">
            <LinkButton to={pluginPath(activation.plugin.id)}>{text.progress.openPlugin}</LinkButton>
          </div>
        </Card>
      );
  }
}

function NextSteps({ plugin }: { readonly plugin: Plugin }): ReactElement {
  const page = plugin.pages[0];
  const setup = plugin.needsSetup.map((setting) => plainText(setting.label, 60));
  return (
    <>
      {setup.length > 0 ? <p>{text.progress.needs(setup)}</p> : null}
      <div className="actions">
        {setup.length > 0 ? (
          <LinkButton to={pluginPath(plugin.id, "settings")} variant="primary">
            {text.progress.openSettings}
          </LinkButton>
        ) : null}
        {page ? <LinkButton to={panelPath(plugin.id, page.path)}>{plainText(page.label, 40)}</LinkButton> : null}
        <LinkButton to={pluginPath(plugin.id)}>{text.progress.openPlugin}</LinkButton>
      </div>
    </>
  );
}
