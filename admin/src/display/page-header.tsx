/** What page is this? The heading, the document's title, and the page's main controls. */
import { useEffect, type ReactElement, type ReactNode } from "react";
import { text } from "../text.ts";

interface Props {
  readonly title: string;
  readonly hint?: ReactNode;
  /** Badges beside the title. */
  readonly badges?: ReactNode;
  readonly actions?: ReactNode;
}

export function PageHeader({ title, hint, badges, actions }: Props): ReactElement {
  useEffect(() => {
    document.title = text.common.documentTitle(title);
  }, [title]);
  return (
    <header className="page-header">
      <div className="page-title">
        <h1>{title}</h1>
        {badges}
      </div>
      {actions ? <div className="actions">{actions}</div> : null}
      {hint ? <p className="hint">{hint}</p> : null}
    </header>
  );
}
