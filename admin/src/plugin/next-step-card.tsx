/** Says what to do next, with the link that leads there. */
import type { ReactElement, ReactNode } from "react";
import type { PluginDetail } from "../api/types.ts";
import { Card } from "../display/card.tsx";
import { LinkButton } from "../display/link-button.tsx";
import { plainText } from "../display/plain-text.ts";
import { text } from "../text.ts";
import { nextStep } from "./next-step.ts";
import { callsPath, consentPath, pluginPath } from "./paths.ts";

export function NextStepCard({ plugin }: { readonly plugin: PluginDetail }): ReactElement {
  const { words, action } = describe(plugin);
  return (
    <Card title={text.next.title}>
      <p>{words}</p>
      {action ? <div className="actions">{action}</div> : null}
    </Card>
  );
}

function describe(plugin: PluginDetail): { readonly words: string; readonly action?: ReactNode } {
  const step = nextStep(plugin);
  const link = (to: string, label: string): ReactElement => (
    <LinkButton to={to} variant="primary">
      {label}
    </LinkButton>
  );
  switch (step.kind) {
    case "review":
      return { words: text.next.review, action: link(consentPath(plugin.id), text.plugins.review) };
    case "review-update":
      return {
        words: text.next.reviewUpdate(plainText(step.version, 40)),
        action: link(consentPath(plugin.id), text.plugins.reviewUpdate(plainText(step.version, 40))),
      };
    case "wait":
      return { words: text.next.wait };
    case "repair":
      return {
        words: text.next.repair(plainText(step.reason ?? text.progress.noReason, 600)),
        action: link(callsPath(plugin.id), text.next.openLogs),
      };
    case "set-up":
      return {
        words: text.next.setUp(step.labels.map((label) => plainText(label, 60))),
        action: link(pluginPath(plugin.id, "settings"), text.progress.openSettings),
      };
    case "enable":
      return { words: text.next.enable };
    case "look-at-failures":
      return {
        words: text.next.failures(step.count),
        action: link(callsPath(plugin.id), text.next.openLogs),
      };
    case "none":
      return { words: text.next.none };
  }
}
