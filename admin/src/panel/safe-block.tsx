/** One block, drawn so that its failure is its own. */
import { BlockRenderer, type Block } from "@emdash-cms/blocks";
import { Component, type ReactNode } from "react";
import type { PanelInteraction } from "../api/panel.ts";
import { text } from "../text.ts";

interface Props {
  readonly block: Block;
  readonly onAction: (interaction: PanelInteraction) => void;
}

interface State {
  readonly block: Block | null;
  readonly broken: "yes" | "no";
}

export class SafeBlock extends Component<Props, State> {
  override state: State = { block: null, broken: "no" };

  static getDerivedStateFromError(): Partial<State> {
    return { broken: "yes" };
  }

  /** A newer version of the block gets a new chance. */
  static getDerivedStateFromProps({ block }: Props, state: State): State | null {
    return block === state.block ? null : { block, broken: "no" };
  }

  override render(): ReactNode {
    const { block, onAction } = this.props;
    if (this.state.broken === "yes") return <p className="block-failed">{text.panel.blockFailed(block.type)}</p>;
    return <BlockRenderer blocks={[block]} onAction={onAction} />;
  }
}
