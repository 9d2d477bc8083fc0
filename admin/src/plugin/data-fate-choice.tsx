/** Shall the plugin's data stay when the plugin goes? */
import type { ReactElement } from "react";
import type { DataFate } from "../api/plugins.ts";
import { text } from "../text.ts";

const FATES = ["keep", "delete"] as const satisfies readonly DataFate[];

interface Props {
  readonly fate: DataFate;
  readonly onChange: (fate: DataFate) => void;
}

export function DataFateChoice({ fate, onChange }: Props): ReactElement {
  return (
    <fieldset className="choices">
      <legend>{text.uninstall.fate}</legend>
      {FATES.map((each) => (
        <label key={each} className="choice">
          <input type="radio" name="fate" checked={fate === each} onChange={() => onChange(each)} />
          <span>
            {text.uninstall.fateLabel[each]}
            <span className="hint">{text.uninstall.fateHint[each]}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
