/** How is a setting set without the dashboard? Shown where one would look for it. */
import type { ReactElement } from "react";
import type { Setting } from "../api/types.ts";
import { text } from "../text.ts";

interface Props {
  readonly id: string;
  readonly settings: readonly Setting[];
}

export function FromCommandLine({ id, settings }: Props): ReactElement | null {
  const example = settings.find((setting) => setting.field.type !== "secret");
  if (!example) return null;
  return (
    <details className="hint">
      <summary>{text.settings.commandLine}</summary>
      <p>{text.settings.commandLineDetail}</p>
      <pre>{`npx wrangler kv key put --binding CACHE --remote "settings:${id}:${example.key}" "${text.settings.commandLineValue}"`}</pre>
    </details>
  );
}
