/** Who is signed in, with the theme and the way out. */
import { Button } from "@cloudflare/kumo/components/button";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { signOut } from "../api/session.ts";
import type { Session } from "../api/types.ts";
import { Icon } from "../display/icon.tsx";
import { plainText } from "../display/plain-text.ts";
import { text } from "../text.ts";
import { ThemeButton } from "./theme-button.tsx";
import { useNotifyProblem } from "./use-notify.ts";

export function SessionFooter({ session }: { readonly session: Session }): ReactElement {
  const client = useQueryClient();
  const leave = useMutation({
    mutationFn: signOut,
    // A full load drops everything this person saw from memory.
    onSuccess: () => {
      client.clear();
      window.location.assign(`${import.meta.env.BASE_URL}sign-in`);
    },
    onError: useNotifyProblem(),
  });
  return (
    <div className="session">
      <div className="session-name">
        <span>{plainText(session.name, 60)}</span>
        {session.name === text.role[session.role] ? null : <span className="hint">{text.role[session.role]}</span>}
      </div>
      <ThemeButton />
      <Button
        variant="ghost"
        size="sm"
        shape="square"
        aria-label={text.shell.signOut}
        title={text.shell.signOut}
        icon={<Icon name="signOut" />}
        loading={leave.isPending}
        onClick={() => leave.mutate()}
      />
    </div>
  );
}
