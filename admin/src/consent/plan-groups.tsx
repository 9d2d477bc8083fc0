/** What the plan holds, in the order in which a person would ask: is it safe, what can it do, what will it want. */
import type { ReactElement } from "react";
import type { Plan } from "../api/types.ts";
import { Card } from "../display/card.tsx";
import { HookList } from "../display/hook-list.tsx";
import { plainText } from "../display/plain-text.ts";
import { RouteList } from "../display/route-list.tsx";
import { text } from "../text.ts";
import { CapabilityGroup } from "./capability-group.tsx";
import { mayUseNetwork, toggled, type Choices } from "./choices.ts";
import { FindingList } from "./finding-list.tsx";
import { HostChips } from "./host-chips.tsx";
import { NeededSettings } from "./needed-settings.tsx";
import { ScheduleList } from "./schedule-list.tsx";
import { SecretList } from "./secret-list.tsx";

interface Props {
  readonly plan: Plan;
  readonly choices: Choices;
  readonly onChange: (choices: Choices) => void;
}

export function PlanGroups({ plan, choices, onChange }: Props): ReactElement {
  const group = { plan, choices, onChange } as const;
  const sends = plan.hosts.length + plan.hostsFromSettings.length + plan.secrets.length > 0;
  return (
    <>
      <Card title={text.consent.findings}>
        <FindingList findings={plan.findings} />
      </Card>
      <CapabilityGroup group="reads" {...group} />
      <CapabilityGroup group="changes" {...group}>
        {plan.tables.length > 0 ? <Tables tables={plan.tables} /> : null}
      </CapabilityGroup>
      <CapabilityGroup group="sends" {...group}>
        {sends ? (
          <>
            <HostChips
              plan={plan}
              denied={choices.deniedHosts}
              reachable={mayUseNetwork(plan, choices)}
              onToggle={(host) => onChange({ ...choices, deniedHosts: toggled(choices.deniedHosts, host) })}
            />
            <SecretList plan={plan} />
          </>
        ) : null}
      </CapabilityGroup>
      <CapabilityGroup group="runs" {...group}>
        {plan.schedules.length + plan.hooks.length + plan.routes.length > 0 ? (
          <>
            <ScheduleList plan={plan} />
            <HookList hooks={plan.hooks} />
            <RouteList id={plan.plugin.id} routes={plan.routes} />
          </>
        ) : null}
      </CapabilityGroup>
      <NeededSettings plan={plan} />
    </>
  );
}

function Tables({ tables }: { readonly tables: readonly string[] }): ReactElement {
  return (
    <div className="sub">
      <h3>{text.consent.tables}</h3>
      <p className="chips">
        {tables.map((table) => (
          <code key={table} className="chip">
            {plainText(table, 80)}
          </code>
        ))}
      </p>
    </div>
  );
}
