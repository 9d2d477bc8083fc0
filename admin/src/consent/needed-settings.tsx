/** What will the plugin ask to be told before it can work? */
import type { ReactElement } from "react";
import type { Plan } from "../api/types.ts";
import { Card } from "../display/card.tsx";
import { plainText } from "../display/plain-text.ts";
import { text } from "../text.ts";

export function NeededSettings({ plan }: { readonly plan: Plan }): ReactElement | null {
  const required = plan.settings.filter((setting) => setting.required);
  if (plan.settings.length === 0) return null;
  return (
    <Card title={text.consent.settings} hint={text.consent.settingsHint(required.length, plan.settings.length)}>
      {required.length === 0 ? null : (
        <ul className="chips">
          {required.map((setting) => (
            <li key={setting.key} className="chip">
              {plainText(setting.label, 80)}
              {setting.secret ? <em>{text.consent.secretMark}</em> : null}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
