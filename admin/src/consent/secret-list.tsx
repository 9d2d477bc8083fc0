/** Which secrets does the plugin use, where do they go, and can it read them? */
import type { ReactElement } from "react";
import type { Plan } from "../api/types.ts";
import { plainText } from "../display/plain-text.ts";
import { text } from "../text.ts";

export function SecretList({ plan }: { readonly plan: Plan }): ReactElement | null {
  if (plan.secrets.length === 0) return null;
  return (
    <div className="sub">
      <h3>{text.consent.secrets}</h3>
      <ul className="lines">
        {plan.secrets.map((secret) => (
          <li key={secret.key}>
            <strong>{plainText(labelOf(plan, secret.key), 80)}</strong>
            <span className="chips">
              <span className="hint">{text.consent.secretGoesTo}</span>
              {secret.hosts.length === 0 ? text.consent.secretNowhere : null}
              {secret.hosts.map((host) => (
                <code key={host} className="chip">
                  {hostWords(plan, host)}
                </code>
              ))}
            </span>
            <span className={secret.readable ? "reason" : "hint"}>
              {secret.readable ? text.consent.secretReadable : text.consent.secretHidden}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** `{setting:baseUrl}` reads as the setting's label. */
function hostWords(plan: Plan, host: string): string {
  const key = /^\{setting:(.+)\}$/.exec(host)?.[1];
  return plainText(key === undefined ? host : text.consent.hostOfSetting(labelOf(plan, key)), 120);
}

function labelOf(plan: Plan, key: string): string {
  return plan.settings.find((setting) => setting.key === key)?.label ?? key;
}
