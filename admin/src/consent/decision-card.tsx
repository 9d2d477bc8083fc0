/** The answer: what is allowed in sum, a note for the record, and the two buttons. */
import { Button } from "@cloudflare/kumo/components/button";
import { InputArea } from "@cloudflare/kumo/components/input";
import { Switch } from "@cloudflare/kumo/components/switch";
import type { ReactElement } from "react";
import type { Plan } from "../api/types.ts";
import { Card } from "../display/card.tsx";
import { ProblemNotice } from "../display/problem-notice.tsx";
import { text } from "../text.ts";
import { countAllowed, waitsForSigner, type Choices } from "./choices.ts";
import { PlanFacts } from "./plan-facts.tsx";

/** Which answer is under way. */
export type Pending = "none" | "consent" | "reject";

interface Props {
  readonly plan: Plan;
  readonly choices: Choices;
  readonly pending: Pending;
  readonly error: unknown;
  readonly onChange: (choices: Choices) => void;
  readonly onConsent: () => void;
  readonly onReject: () => void;
}

export function DecisionCard(props: Props): ReactElement {
  const { plan, choices, pending, onChange } = props;
  const busy = pending !== "none";
  return (
    <Card title={text.consent.decisionTitle[plan.kind]} hint={text.consent.sum(countAllowed(plan, choices))}>
      <PlanFacts plan={plan} />
      <InputArea
        label={text.consent.note}
        description={text.consent.noteHint}
        rows={2}
        maxLength={500}
        value={choices.note}
        disabled={busy}
        onChange={(event) => onChange({ ...choices, note: event.target.value })}
      />
      {plan.signer.accept === null ? null : (
        <Switch
          label={text.consent.acceptSigner(plan.signer.accept)}
          checked={choices.acceptsSigner}
          disabled={busy}
          onCheckedChange={(acceptsSigner) => onChange({ ...choices, acceptsSigner })}
        />
      )}
      {props.error ? <ProblemNotice error={props.error} /> : null}
      <div className="decision">
        <Button
          variant="primary"
          loading={pending === "consent"}
          disabled={busy || waitsForSigner(plan, choices)}
          onClick={props.onConsent}
        >
          {text.consent.allowAndEnable}
        </Button>
        <Button variant="secondary-destructive" loading={pending === "reject"} disabled={busy} onClick={props.onReject}>
          {text.consent.reject}
        </Button>
      </div>
    </Card>
  );
}
