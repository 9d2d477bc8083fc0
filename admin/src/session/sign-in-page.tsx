/** The first page: how one gets in, and where the token comes from. */
import { Banner } from "@cloudflare/kumo/components/banner";
import { useEffect, type ReactElement } from "react";
import type { Problem } from "../api/problem.ts";
import { ProblemNotice } from "../display/problem-notice.tsx";
import { text } from "../text.ts";
import { SignInForm } from "./sign-in-form.tsx";

/** `linkProblem`: why the sign-in link that led here did not work. */
export function SignInPage({ linkProblem }: { readonly linkProblem: Problem | null }): ReactElement {
  useEffect(() => {
    document.title = text.common.documentTitle(text.signIn.title);
  }, []);
  return (
    <main className="sign-in">
      <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width="40" height="40" />
      <h1>{text.signIn.title}</h1>
      <p className="hint">{text.signIn.hint}</p>
      {linkProblem ? <DeadLink problem={linkProblem} /> : null}
      <div className="card">
        <SignInForm />
      </div>
      <h2>{text.signIn.whereTitle}</h2>
      <ul className="hint where">
        {text.signIn.where.map(([command, words]) => (
          <li key={command}>
            <code>{command}</code>
            <span>{words}</span>
          </li>
        ))}
      </ul>
    </main>
  );
}

/** A link that was used or has expired is nothing that broke: it says how to get another. */
function DeadLink({ problem }: { readonly problem: Problem }): ReactElement {
  if (problem.status !== 401) return <ProblemNotice error={problem} />;
  return (
    <div role="alert" className="problem">
      <Banner variant="alert" title={text.signIn.deadLinkTitle} description={text.signIn.deadLinkDetail} />
    </div>
  );
}
