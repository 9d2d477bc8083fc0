/** A titled box: the unit from which every page is made. */
import { useId, type ReactElement, type ReactNode } from "react";

interface Props {
  readonly title: ReactNode;
  /** A line under the title. */
  readonly hint?: ReactNode;
  /** Controls at the title's end. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Card({ title, hint, actions, children }: Props): ReactElement {
  const id = useId();
  return (
    <section className="card" aria-labelledby={id}>
      <header className="card-header">
        <div>
          <h2 id={id}>{title}</h2>
          {hint ? <p className="hint">{hint}</p> : null}
        </div>
        {actions ? <div className="actions">{actions}</div> : null}
      </header>
      {children}
    </section>
  );
}
