/** A link that looks like a button: for going somewhere, where a button would be for doing something. */
import type { ReactElement, ReactNode } from "react";
import { Link } from "wouter";

interface Props {
  readonly to: string;
  readonly variant?: "primary" | "secondary";
  readonly children: ReactNode;
}

export function LinkButton({ to, variant = "secondary", children }: Props): ReactElement {
  return (
    <Link href={to} className={`link-button ${variant}`}>
      {children}
    </Link>
  );
}
