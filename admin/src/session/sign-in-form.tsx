/** The field and the button with which one signs in. */
import { Button } from "@cloudflare/kumo/components/button";
import { Input } from "@cloudflare/kumo/components/input";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactElement } from "react";
import { sessionQuery, signIn, type SessionState } from "../api/session.ts";
import { ProblemNotice } from "../display/problem-notice.tsx";
import { text } from "../text.ts";

export function SignInForm(): ReactElement {
  const client = useQueryClient();
  const [token, setToken] = useState("");
  const start = useMutation({
    mutationFn: () => signIn({ token: token.trim() }),
    onSuccess: (session) => {
      const state: SessionState = { status: "in", session };
      client.setQueryData(sessionQuery.queryKey, state);
      // What failed for want of a session is read again; the session itself is fresh.
      void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== sessionQuery.queryKey[0] });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (token.trim() !== "") start.mutate();
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Input
        label={text.signIn.token}
        description={text.signIn.tokenHint}
        type="password"
        name="token"
        autoComplete="current-password"
        spellCheck={false}
        autoFocus
        required
        value={token}
        onChange={(event) => setToken(event.target.value)}
      />
      {start.error ? <ProblemNotice error={start.error} /> : null}
      <Button type="submit" variant="primary" loading={start.isPending} className="wide">
        {text.signIn.button}
      </Button>
    </form>
  );
}
