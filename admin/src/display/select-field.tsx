/** A choice among a few: the browser's own control, which phones and keyboards know, in Kumo's dress. */
import { useId, type ReactElement, type ReactNode } from "react";

/** One of the choices. */
export interface Choice {
  readonly value: string;
  readonly label: string;
}

interface Props {
  readonly label: ReactNode;
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly onChange: (value: string) => void;
  /** Shown while nothing is chosen. */
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly description?: ReactNode;
  readonly error?: string;
}

export function SelectField(props: Props): ReactElement {
  const { label, value, choices, onChange, placeholder, required, description, error } = props;
  const id = useId();
  const known = choices.some((choice) => choice.value === value);
  return (
    <div className="select-field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="select"
        aria-required={required}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-hint`}
        value={known ? value : ""}
        onChange={(event) => onChange(event.target.value)}
      >
        {known ? null : <option value="">{placeholder ?? ""}</option>}
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
      <p id={`${id}-hint`} className={error === undefined ? "hint" : "error-text"}>
        {error ?? description}
      </p>
    </div>
  );
}
