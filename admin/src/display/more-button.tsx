/** Loads the next page of a list, where there is one. */
import { Button } from "@cloudflare/kumo/components/button";
import type { ReactElement } from "react";
import { text } from "../text.ts";

interface Props {
  readonly query: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => unknown;
  };
}

export function MoreButton({ query }: Props): ReactElement | null {
  if (!query.hasNextPage) return null;
  return (
    <div className="more">
      <Button size="sm" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {text.common.more}
      </Button>
    </div>
  );
}
