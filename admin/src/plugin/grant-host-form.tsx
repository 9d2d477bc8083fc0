/**
 * Adds a host to a network permission: one that was declined, or one that a setting of the plugin names. Which may be
 * granted is the host's rule; its refusal says so.
 */
import { Button } from "@cloudflare/kumo/components/button";
import { Input } from "@cloudflare/kumo/components/input";
import { useState, type FormEvent, type ReactElement } from "react";
import { toHostPattern, toHostPatternText } from "../../../sdk/host-pattern.ts";
import { text } from "../text.ts";

interface Props {
  readonly hosts: readonly string[];
  readonly busy: boolean;
  /** All hosts from now on; `done` is called once they are granted. */
  readonly onGrant: (hosts: string[], done: () => void) => void;
}

export function GrantHostForm({ hosts, busy, onGrant }: Props): ReactElement {
  const [typed, setTyped] = useState("");
  const host = hostOf(typed);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (host !== "" && !busy) onGrant([...new Set([...hosts, host])], () => setTyped(""));
  };
  return (
    <form className="sub grant-host" onSubmit={submit}>
      <Input
        label={text.permissions.host}
        placeholder="llm.example.com"
        autoComplete="off"
        passwordManagerIgnore
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <Button type="submit" loading={busy} disabled={host === ""}>
        {text.permissions.grantHost}
      </Button>
      <p className="hint">{text.permissions.hostHint}</p>
    </form>
  );
}

/** The host that was meant, with its port, also where a whole address was pasted. */
function hostOf(typed: string): string {
  const trimmed = typed.trim();
  const host = URL.canParse(trimmed) && trimmed.includes("://") ? toHostPattern(new URL(trimmed)) : undefined;
  return host ? toHostPatternText(host) : trimmed;
}
