/** Where did a call fail? The author's file and line at once; the code around it and the way there when it is opened. */
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { invocationQuery } from "../api/activity.ts";
import type { TracedError, TracedFrame } from "../api/types.ts";
import { CodeFrame } from "../display/code-frame.tsx";
import { plainText } from "../display/plain-text.ts";
import { QueryView } from "../display/query-view.tsx";
import { text } from "../text.ts";

interface Props {
  readonly plugin: string;
  readonly call: string;
  readonly place: string;
}

export function FailureTrace({ plugin, call, place }: Props): ReactElement {
  const [open, setOpen] = useState(false);
  const detail = useQuery({ ...invocationQuery(plugin, call), enabled: open });
  return (
    <details className="trace" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {text.trace.at} <code>{plainText(place, 160)}</code>
      </summary>
      {open ? (
        <QueryView query={detail} lines={4}>
          {({ trace }) => (
            <>
              {(trace?.errors ?? []).map((error, index) => (
                <ErrorPart key={`${index}-${error.name}`} error={error} isCause={index > 0} />
              ))}
              {trace?.note ? <p className="hint">{plainText(trace.note, 400)}</p> : null}
            </>
          )}
        </QueryView>
      ) : null}
    </details>
  );
}

function ErrorPart({ error, isCause }: { readonly error: TracedError; readonly isCause: boolean }): ReactElement {
  const code = error.frames.find((frame) => frame.code)?.code;
  return (
    <section className="trace-error">
      <p>
        {isCause ? <span className="hint">{text.trace.cause} </span> : null}
        <strong>{plainText(error.name, 80)}</strong> {plainText(error.message, 600)}
      </p>
      {code ? <CodeFrame file={code.file} code={code.text} /> : null}
      {error.frames.length === 0 ? <p className="hint">{text.trace.noPlace}</p> : null}
      <ol className="trace-frames">
        {error.frames.map((frame, index) => (
          <li key={`${index}-${frame.line}`}>
            <code>{plainText(toPlace(frame), 160)}</code>
            {frame.name === null ? null : <span className="hint"> {text.trace.within(plainText(frame.name, 80))}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function toPlace({ file, line, column }: TracedFrame): string {
  return column === null ? `${file}:${line}` : `${file}:${line}:${column}`;
}
