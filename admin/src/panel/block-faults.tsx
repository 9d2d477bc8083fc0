/** What is wrong with the blocks a plugin sent? For its author; everybody else can leave it closed. */
import type { ReactElement } from "react";
import { plainText } from "../display/plain-text.ts";
import { text } from "../text.ts";
import type { BlockFault } from "./read-blocks.ts";

export function BlockFaults({ faults }: { readonly faults: readonly BlockFault[] }): ReactElement | null {
  if (faults.length === 0) return null;
  return (
    <details className="hint">
      <summary>{text.panel.faults(faults.length)}</summary>
      <ul className="issues">
        {faults.map((fault, index) => (
          <li key={`${index}-${fault.path}`}>
            <code>{plainText(fault.path, 120)}</code>
            <span>{plainText(fault.message, 300)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
