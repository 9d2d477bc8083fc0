/** A field's name, marked where a value is needed; nothing else is marked, since most fields may stay as they are. */
import type { ReactElement } from "react";
import { text } from "../text.ts";

interface Props {
  readonly label: string;
  readonly required: boolean;
}

export function RequiredLabel({ label, required }: Props): ReactElement {
  return (
    <>
      {label}
      {required ? <span className="hint"> {text.settings.required}</span> : null}
    </>
  );
}
