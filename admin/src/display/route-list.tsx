/** At which addresses does a plugin answer, and which of them may anybody call? */
import { Badge } from "@cloudflare/kumo/components/badge";
import type { ReactElement } from "react";
import type { Plan } from "../api/types.ts";
import { text } from "../text.ts";
import { plainText } from "./plain-text.ts";

interface Props {
  readonly id: string;
  readonly routes: Plan["routes"];
}

export function RouteList({ id, routes }: Props): ReactElement | null {
  if (routes.length === 0) return null;
  return (
    <div className="sub">
      <h3>{text.consent.routes}</h3>
      <ul className="lines">
        {routes.map((route) => (
          <li key={route.name}>
            <code className="break">{`/api/plugins/${id}/${plainText(route.name, 80)}`}</code>
            {route.public ? (
              <Badge variant="warning">{text.consent.publicRoute}</Badge>
            ) : (
              <span className="hint">{text.consent.privateRoute}</span>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
