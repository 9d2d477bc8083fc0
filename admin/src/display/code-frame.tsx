/** A few lines of somebody's code, with numbers and a mark, as the host cut them. Plain text in a box that scrolls. */
import type { ReactElement } from "react";
import { text } from "../text.ts";
import { plainText } from "./plain-text.ts";

export function CodeFrame({ file, code }: { readonly file?: string; readonly code: string }): ReactElement {
  return (
    <figure className="code-frame">
      {file === undefined ? null : (
        <figcaption>
          <code>{plainText(file, 160)}</code>
        </figcaption>
      )}
      {/* Reachable by keyboard, since it may have to be scrolled. */}
      <pre tabIndex={0} role="region" aria-label={text.trace.code}>
        {plainText(code, 4_000)}
      </pre>
    </figure>
  );
}
