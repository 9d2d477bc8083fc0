/** One power the plugin asks for: the sentence, the author's purpose, the risk, and the switch that declines it. */
import { Badge } from "@cloudflare/kumo/components/badge";
import { Switch } from "@cloudflare/kumo/components/switch";
import type { ReactElement } from "react";
import type { Plan, PlanCapability } from "../api/types.ts";
import { ChangeBadge } from "../display/change-badge.tsx";
import { plainText } from "../display/plain-text.ts";
import { text } from "../text.ts";

interface Props {
  readonly capability: PlanCapability;
  readonly kind: Plan["kind"];
  readonly allowed: boolean;
  readonly onToggle: () => void;
}

export function CapabilityItem({ capability, kind, allowed, onToggle }: Props): ReactElement {
  const removed = capability.change === "removed";
  return (
    <li className="capability" data-declined={!allowed || removed}>
      <div>
        <p className="sentence">{plainText(capability.label, 200)}</p>
        {capability.purpose === null ? null : (
          <p className="purpose">{text.consent.purpose(plainText(capability.purpose, 300))}</p>
        )}
        {allowed || removed || capability.optional ? null : (
          <p className="hint" role="status">
            {text.consent.neededDeclined}
          </p>
        )}
        <Targets capability={capability} kind={kind} />
        <p className="marks">
          <code className="hint">{capability.name}</code>
          {capability.risk === "high" ? <Badge variant="error">{text.consent.highRisk}</Badge> : null}
          {capability.optional ? <Badge variant="outline">{text.consent.optional}</Badge> : null}
          {kind === "update" ? <ChangeBadge change={capability.change} /> : null}
        </p>
      </div>
      {removed ? null : (
        <Switch
          aria-label={text.consent.allow(capability.label)}
          checked={allowed}
          onCheckedChange={onToggle}
          size="base"
        />
      )}
    </li>
  );
}

/** What the power is asked for: tables, places or addresses. Hosts have a list of their own, where they are chosen. */
function Targets({ capability, kind }: Pick<Props, "capability" | "kind">): ReactElement | null {
  const { targets, targetKind, addedTargets } = capability;
  if (targets === null || targets.length === 0 || targetKind === "hosts") return null;
  return (
    <p className="chips">
      {targets.map((name) => (
        <code key={name} className="chip">
          {plainText(name, 128)}
          {kind === "update" && addedTargets.includes(name) ? <em>{text.consent.added}</em> : null}
        </code>
      ))}
    </p>
  );
}
