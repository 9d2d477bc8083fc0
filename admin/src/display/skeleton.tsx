/** What stands where content will be while it loads: grey lines of about its size. */
import type { ReactElement } from "react";
import { text } from "../text.ts";

export function Skeleton({ lines = 3 }: { readonly lines?: number }): ReactElement {
  return (
    <div className="skeleton" role="status" aria-label={text.common.loading}>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} className="skeleton-bar" />
      ))}
    </div>
  );
}
