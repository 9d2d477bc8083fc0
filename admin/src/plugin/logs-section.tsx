/** What did the plugin say, and how did the calls into it end? The choice stands in the address. */
import type { ReactElement } from "react";
import { useSearchParams } from "wouter";
import type { PluginDetail } from "../api/types.ts";
import { text } from "../text.ts";
import { InvocationList } from "./invocation-list.tsx";
import { LogList } from "./log-list.tsx";

const VIEWS = ["lines", "calls"] as const;

export function LogsSection({ plugin }: { readonly plugin: PluginDetail }): ReactElement {
  const [search, setSearch] = useSearchParams();
  const view = VIEWS.find((each) => each === search.get("view")) ?? "lines";
  return (
    <>
      <fieldset className="segments">
        <legend className="sr-only">{text.logs.view}</legend>
        {VIEWS.map((each) => (
          <label key={each}>
            <input
              type="radio"
              name="view"
              className="sr-only"
              checked={view === each}
              onChange={() => setSearch({ view: each }, { replace: true })}
            />
            <span>{text.logs.views[each]}</span>
          </label>
        ))}
      </fieldset>
      {view === "lines" ? <LogList id={plugin.id} /> : <InvocationList id={plugin.id} />}
    </>
  );
}
