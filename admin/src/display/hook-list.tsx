/** To which events does a plugin react? Those that will never reach it say why. */
import { Badge } from "@cloudflare/kumo/components/badge";
import type { ReactElement } from "react";
import type { Plan } from "../api/types.ts";
import { text } from "../text.ts";
import { plainText } from "./plain-text.ts";

export function HookList({ hooks }: { readonly hooks: Plan["hooks"] }): ReactElement | null {
  if (hooks.length === 0) return null;
  return (
    <div className="sub">
      <h3>{text.consent.hooks}</h3>
      <ul className="lines">
        {hooks.map((hook) => (
          <li key={hook.name} data-declined={!hook.active}>
            <code>{plainText(hook.name, 80)}</code>
            <span>{plainText(hook.when, 160)}</span>
            {hook.active ? null : <Badge variant="outline">{text.consent.inactive}</Badge>}
            {hook.observes ? <Badge variant="outline">{text.consent.observes}</Badge> : null}
            {hook.reason === null ? null : <span className="hint">{plainText(hook.reason, 300)}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
