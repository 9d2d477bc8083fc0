/** Exactly which hosts may be called? One chip each; unticking one leaves it out of the grant. */
import type { ReactElement } from "react";
import type { Plan } from "../api/types.ts";
import { plainText } from "../display/plain-text.ts";
import { text } from "../text.ts";

interface Props {
  readonly plan: Plan;
  readonly denied: readonly string[];
  /** Whether the power to send requests is allowed at all. */
  readonly reachable: boolean;
  readonly onToggle: (host: string) => void;
}

export function HostChips({ plan, denied, reachable, onToggle }: Props): ReactElement | null {
  if (plan.hosts.length === 0 && plan.hostsFromSettings.length === 0) return null;
  const label = (key: string): string => plan.settings.find((setting) => setting.key === key)?.label ?? key;
  return (
    <fieldset className="hosts" disabled={!reachable}>
      <legend>{text.consent.hosts}</legend>
      <div className="chips">
        {plan.hosts.map((host) => (
          <label key={host} className="chip">
            <input type="checkbox" checked={reachable && !denied.includes(host)} onChange={() => onToggle(host)} />
            <span>{plainText(host, 120)}</span>
            {plan.addedHosts.includes(host) && plan.kind === "update" ? <em>{text.consent.added}</em> : null}
          </label>
        ))}
      </div>
      {plan.hostsFromSettings.map((key) => (
        <p key={key} className="hint">
          {text.consent.hostFromSetting(plainText(label(key), 80))}
        </p>
      ))}
    </fieldset>
  );
}
