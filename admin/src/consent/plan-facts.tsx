/** Which bytes are consented to? Version, digest and size, so that the yes names something exact. */
import type { ReactElement } from "react";
import type { Plan } from "../api/types.ts";
import { byteSize } from "../display/byte-words.ts";
import { text } from "../text.ts";

export function PlanFacts({ plan }: { readonly plan: Plan }): ReactElement {
  return (
    <dl className="facts">
      <dt>{text.facts.id}</dt>
      <dd>
        <code>{plan.plugin.id}</code>
      </dd>
      <dt>{text.facts.version}</dt>
      <dd>
        {plan.from === null ? plan.plugin.version : text.facts.versionChange(plan.from.version, plan.plugin.version)}
      </dd>
      <dt>{text.facts.size}</dt>
      <dd>{byteSize(plan.bytes)}</dd>
      <dt>{text.facts.digest}</dt>
      <dd>
        <code className="break">{plan.plugin.digest}</code>
      </dd>
    </dl>
  );
}
