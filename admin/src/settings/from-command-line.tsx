/** How is a setting set without the dashboard? Shown where one would look for it. */
import type { ReactElement } from "react";
import type { Setting } from "../api/types.ts";
import { text } from "../text.ts";

/** The names under which a browser reaches a host that runs beside it. */
const ON_THIS_MACHINE: readonly string[] = ["127.0.0.1", "localhost"];

interface Props {
  readonly id: string;
  readonly settings: readonly Setting[];
}

export function FromCommandLine({ id, settings }: Props): ReactElement | null {
  const example = settings.find((setting) => setting.field.type !== "secret");
  if (!example) return null;
  const where = ON_THIS_MACHINE.includes(window.location.hostname) ? "--local" : "--remote";
  return (
    <details className="hint">
      <summary>{text.settings.commandLine}</summary>
      <p>{text.settings.commandLineDetail}</p>
      <pre className="one-line">{`npx wrangler kv key put --binding CACHE ${where} "settings:${id}:${example.key}" "${text.settings.commandLineValue}"`}</pre>
    </details>
  );
}
