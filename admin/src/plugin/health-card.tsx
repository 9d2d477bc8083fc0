/** Does it work? Calls, failures and the last error. */
import type { ReactElement } from "react";
import type { PluginDetail } from "../api/types.ts";
import { Card } from "../display/card.tsx";
import { plainText } from "../display/plain-text.ts";
import { text } from "../text.ts";

export function HealthCard({ plugin }: { readonly plugin: PluginDetail }): ReactElement {
  const { invocations, failures, lastError } = plugin.health;
  return (
    <Card title={text.health.title}>
      <dl className="figures">
        <div>
          <dt>{text.health.calls}</dt>
          <dd>{invocations.toLocaleString()}</dd>
        </div>
        <div data-bad={failures > 0}>
          <dt>{text.health.failures}</dt>
          <dd>{failures.toLocaleString()}</dd>
        </div>
        <div data-bad={plugin.recentFailures > 0}>
          <dt>{text.health.recent}</dt>
          <dd>{plugin.recentFailures.toLocaleString()}</dd>
        </div>
      </dl>
      {lastError === null ? null : (
        <>
          <h3>{text.health.lastError}</h3>
          <pre className="error-text">{plainText(lastError, 1_000)}</pre>
        </>
      )}
    </Card>
  );
}
