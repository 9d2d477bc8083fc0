/** What is shown when a page itself breaks: the error and a way on, with the sidebar still there. */
import { Button } from "@cloudflare/kumo/components/button";
import { Component, type ReactNode } from "react";
import { ProblemNotice } from "../display/problem-notice.tsx";
import { text } from "../text.ts";

interface Props {
  /** The address; going elsewhere leaves the broken page behind. */
  readonly path: string;
  readonly children: ReactNode;
}

interface State {
  readonly path: string;
  readonly error: unknown;
}

export class PageBoundary extends Component<Props, State> {
  override state: State = { path: this.props.path, error: null };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error };
  }

  static getDerivedStateFromProps({ path }: Props, state: State): State | null {
    return path === state.path ? null : { path, error: null };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    // After a deployment the old page asks for script that is gone; loading again is the cure for that as well.
    const reload = <Button onClick={() => window.location.reload()}>{text.common.reload}</Button>;
    return <ProblemNotice error={this.state.error} action={reload} />;
  }
}
