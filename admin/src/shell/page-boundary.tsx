/** What is shown when a page itself breaks: the error and a way on, with the sidebar still there. */
import { Button } from "@cloudflare/kumo/components/button";
import { Component, type ReactNode } from "react";
import { ProblemNotice } from "../display/problem-notice.tsx";
import { text } from "../text.ts";

interface Props {
  readonly children: ReactNode;
}

interface State {
  readonly error: unknown;
}

export class PageBoundary extends Component<Props, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    // After a deployment the old page asks for script that is gone; loading again is the cure for that as well.
    const reload = <Button onClick={() => window.location.reload()}>{text.common.reload}</Button>;
    return <ProblemNotice error={this.state.error} action={reload} />;
  }
}
