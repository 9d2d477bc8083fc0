/** What went wrong, in the host's words, with every fault it listed and what one can do now. */
import { Banner } from "@cloudflare/kumo/components/banner";
import type { ReactElement, ReactNode } from "react";
import { asProblem } from "../api/problem.ts";
import { text } from "../text.ts";
import { CodeFrame } from "./code-frame.tsx";
import { plainText } from "./plain-text.ts";

interface Props {
  readonly error: unknown;
  /** A button, such as "Try again". */
  readonly action?: ReactNode;
}

export function ProblemNotice({ error, action }: Props): ReactElement {
  const problem = asProblem(error);
  return (
    <div role="alert" className="problem">
      <Banner
        variant="error"
        title={plainText(problem.title)}
        description={<Description error={problem} />}
        {...(action ? { action } : {})}
      />
    </div>
  );
}

function Description({ error }: { readonly error: ReturnType<typeof asProblem> }): ReactElement {
  const { issues } = error;
  if (issues.length === 0) return <p>{plainText(error.message, 2_000)}</p>;
  return (
    <>
      <p>{text.problem.faults(issues.length)}</p>
      <ul className="issues">
        {issues.map((issue, index) => (
          <li key={`${index}-${issue.path}`}>
            {issue.path === "" ? null : <code>{plainText(issue.path, 120)}</code>}
            <span>{plainText(issue.message, 1_200)}</span>
            {issue.frame === undefined ? null : <CodeFrame code={issue.frame} />}
          </li>
        ))}
      </ul>
    </>
  );
}
