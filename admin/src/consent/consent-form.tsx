/** The whole plan on one page, with everything that can be declined, and the decision beside it. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { useLocation } from "wouter";
import { pluginsQuery, reject } from "../api/plugins.ts";
import type { Plan } from "../api/types.ts";
import { plainText } from "../display/plain-text.ts";
import { text } from "../text.ts";
import { useNotify } from "../shell/use-notify.ts";
import { ALLOW_ALL, toDecision } from "./choices.ts";
import { ConsentProgress } from "./consent-progress.tsx";
import { DecisionCard, type Pending } from "./decision-card.tsx";
import { PlanGroups } from "./plan-groups.tsx";
import { useActivation } from "./use-activation.ts";

export function ConsentForm({ plan }: { readonly plan: Plan }): ReactElement {
  const id = plan.plugin.id;
  const client = useQueryClient();
  const notify = useNotify();
  const [, navigate] = useLocation();
  const [choices, setChoices] = useState(ALLOW_ALL);
  const { start, error, activation } = useActivation(id);
  const refuse = useMutation({
    mutationFn: () => reject(id, { version: plan.plugin.version, note: choices.note.trim() }),
    onSuccess: async () => {
      notify("info", text.consent.rejected(plainText(plan.plugin.name, 80)));
      await client.invalidateQueries({ queryKey: pluginsQuery.queryKey });
      navigate("/plugins");
    },
  });
  const failure = error ?? refuse.error;
  const pending: Pending = refuse.isPending ? "reject" : "none";

  return (
    <div className="consent" data-done={activation !== null && activation.status !== "working"}>
      <fieldset className="consent-plan" disabled={activation !== null || refuse.isPending}>
        <legend className="sr-only">{text.consent.planLegend}</legend>
        <PlanGroups plan={plan} choices={choices} onChange={setChoices} />
      </fieldset>
      <div className="consent-side">
        {activation === null ? (
          <DecisionCard
            plan={plan}
            choices={choices}
            pending={pending}
            error={failure}
            onChange={setChoices}
            onConsent={() => start(toDecision(plan, choices))}
            onReject={() => refuse.mutate()}
          />
        ) : (
          <ConsentProgress activation={activation} />
        )}
      </div>
    </div>
  );
}
