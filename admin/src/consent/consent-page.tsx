/** What does this plugin want, and may it? Shows the plan that waits, or says that none does. */
import { Banner } from "@cloudflare/kumo/components/banner";
import { Button } from "@cloudflare/kumo/components/button";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { pluginQuery } from "../api/plugins.ts";
import type { Plan, PluginDetail } from "../api/types.ts";
import { LinkButton } from "../display/link-button.tsx";
import { PageHeader } from "../display/page-header.tsx";
import { plainText } from "../display/plain-text.ts";
import { QueryView } from "../display/query-view.tsx";
import { pluginPath } from "../plugin/paths.ts";
import { text } from "../text.ts";
import { ConsentForm } from "./consent-form.tsx";

export function ConsentPage({ id }: { readonly id: string }): ReactElement {
  const plugin = useQuery(pluginQuery(id));
  return (
    <QueryView query={plugin} lines={8}>
      {(data) => <Waiting plugin={data} />}
    </QueryView>
  );
}

function Waiting({ plugin }: { readonly plugin: PluginDetail }): ReactElement {
  const { plan, newer } = usePlanInHand(plugin.plan);
  const name = plainText(plugin.name, 80);
  if (plan === null) {
    return (
      <>
        <PageHeader title={name} hint={text.consent.nothingWaits} />
        <LinkButton to={pluginPath(plugin.id)}>{text.progress.openPlugin}</LinkButton>
      </>
    );
  }
  const live = plugin.plan === null && plugin.state === "enabled" && plugin.version === plan.plugin.version;
  return (
    <>
      <PageHeader
        title={live ? text.consent.liveTitle(name) : question(plan, name)}
        hint={plainText(plan.plugin.description, 400)}
      />
      {plan.kind === "update" && !live ? (
        <p className={plan.escalation ? "reason" : "hint"}>
          {plan.escalation ? text.consent.escalation : text.consent.noEscalation}
        </p>
      ) : null}
      {newer === null ? null : (
        <Banner
          variant="alert"
          title={text.consent.planChangedTitle}
          description={text.consent.planChanged}
          action={<Button onClick={newer}>{text.consent.showNewPlan}</Button>}
        />
      )}
      <ConsentForm key={plan.hash} plan={plan} />
    </>
  );
}

function question(plan: Plan, name: string): string {
  return plan.kind === "install"
    ? text.consent.installTitle(name)
    : text.consent.updateTitle(name, plainText(plan.plugin.version, 40));
}

/**
 * The plan a person is reading, and how to take up a newer one. It changes only when they say so, lest the ground moves
 * under what they decided; and it stays once consent was given and nothing waits any more.
 */
function usePlanInHand(current: Plan | null): { readonly plan: Plan | null; readonly newer: (() => void) | null } {
  const [inHand, setInHand] = useState(current);
  if (inHand === null && current !== null) setInHand(current);
  const plan = inHand ?? current;
  const moved = current !== null && current.hash !== plan?.hash;
  return { plan, newer: moved ? () => setInHand(current) : null };
}
