/**
 * Is somebody signed in? Shows the sign-in page where nobody is. When a session ends while a page is open, the page stays
 * under a sign-in dialog, so that nothing typed is lost and the person is back where they were.
 */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, type ReactElement, type ReactNode } from "react";
import { sessionQuery } from "../api/session.ts";
import type { Session } from "../api/types.ts";
import { QueryView } from "../display/query-view.tsx";
import { Shell } from "../shell/shell.tsx";
import { SessionEnded } from "./session-ended.tsx";
import { SignInPage } from "./sign-in-page.tsx";

export function SessionGate({ children }: { readonly children: ReactNode }): ReactElement {
  const query = useQuery(sessionQuery);
  const last = useLastSession(query.data?.status === "in" ? query.data.session : null);
  const { refetch } = query;

  // A second sign-in link opened in the same tab changes the fragment only.
  useEffect(() => {
    const again = (): void => void refetch();
    window.addEventListener("hashchange", again);
    return () => window.removeEventListener("hashchange", again);
  }, [refetch]);

  if (query.data === undefined || (query.data.status === "out" && last === null)) {
    return (
      <div className="gate">
        <QueryView query={query}>
          {(state) => <SignInPage linkProblem={state.status === "out" ? state.linkProblem : null} />}
        </QueryView>
      </div>
    );
  }
  const session = query.data.status === "in" ? query.data.session : last;
  if (session === null) return <SignInPage linkProblem={null} />;
  return (
    <Shell session={session}>
      {children}
      <SessionEnded open={query.data.status === "out"} />
    </Shell>
  );
}

/** The session that was last known in this tab. */
function useLastSession(current: Session | null): Session | null {
  const [last, setLast] = useState(current);
  if (current !== null && current !== last) setLast(current);
  return current ?? last;
}
