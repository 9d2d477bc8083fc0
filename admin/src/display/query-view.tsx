/** What is shown of a query in each of its states: skeleton, problem with "Try again", or the data. */
import { Button } from "@cloudflare/kumo/components/button";
import type { ReactElement, ReactNode } from "react";
import { text } from "../text.ts";
import { ProblemNotice } from "./problem-notice.tsx";
import { Skeleton } from "./skeleton.tsx";

/** What this needs of TanStack Query's result. */
interface Query<Data> {
  readonly data: Data | undefined;
  readonly error: unknown;
  readonly refetch: () => unknown;
}

interface Props<Data> {
  readonly query: Query<Data>;
  readonly lines?: number;
  readonly children: (data: Data) => ReactNode;
}

export function QueryView<Data>({ query, lines, children }: Props<Data>): ReactElement {
  const retry = (
    <Button size="sm" onClick={() => void query.refetch()}>
      {text.common.retry}
    </Button>
  );
  if (query.data === undefined) {
    return query.error ? <ProblemNotice error={query.error} action={retry} /> : <Skeleton lines={lines ?? 3} />;
  }
  return (
    <>
      {query.error ? <ProblemNotice error={query.error} action={retry} /> : null}
      {children(query.data)}
    </>
  );
}
