/** Everything of one kind that the plugin could do: read, change, send out, run on its own. */
import type { ReactElement, ReactNode } from "react";
import type { Plan } from "../api/types.ts";
import { Card } from "../display/card.tsx";
import { text } from "../text.ts";
import { CapabilityItem } from "./capability-item.tsx";
import { toggled, type Choices } from "./choices.ts";

/** The four kinds, in reading order. */
export type Group = Plan["capabilities"][number]["group"];

interface Props {
  readonly group: Group;
  readonly plan: Plan;
  readonly choices: Choices;
  readonly onChange: (choices: Choices) => void;
  /** What belongs to the group besides powers; null when there is nothing. */
  readonly children?: ReactNode;
}

export function CapabilityGroup({ group, plan, choices, onChange, children }: Props): ReactElement {
  const capabilities = plan.capabilities.filter((capability) => capability.group === group);
  const empty = capabilities.length === 0 && !children;
  return (
    <Card title={text.consent.group[group]} hint={empty ? text.consent.groupEmpty[group] : undefined}>
      {capabilities.length === 0 ? null : (
        <ul className="capabilities">
          {capabilities.map((capability) => (
            <CapabilityItem
              key={capability.name}
              capability={capability}
              kind={plan.kind}
              allowed={!choices.denied.includes(capability.name)}
              onToggle={() => onChange({ ...choices, denied: toggled(choices.denied, capability.name) })}
            />
          ))}
        </ul>
      )}
      {children}
    </Card>
  );
}
