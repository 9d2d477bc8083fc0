/** A page of the plugin's own: asks it for blocks, draws them, and sends back what a person does. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, type ReactElement } from "react";
import { interact, type PanelAnswer, type PanelInteraction } from "../api/panel.ts";
import type { PluginDetail } from "../api/types.ts";
import { ProblemNotice } from "../display/problem-notice.tsx";
import { QueryView } from "../display/query-view.tsx";
import { useNotify, type NoticeKind } from "../shell/use-notify.ts";
import { text } from "../text.ts";
import { BlockFaults } from "./block-faults.tsx";
import { readBlocks } from "./read-blocks.ts";
import { SafeBlock } from "./safe-block.tsx";
import "./blocks.css";

interface Props {
  readonly plugin: PluginDetail;
  readonly page: PluginDetail["pages"][number];
}

const NOTICES: readonly NoticeKind[] = ["success", "error", "info"];

export function Panel({ plugin, page }: Props): ReactElement {
  const client = useQueryClient();
  const notify = useNotify();
  const queryKey = ["plugins", plugin.id, "panel", page.path];
  const load = useQuery({
    queryKey,
    queryFn: () => interact(plugin.id, { type: "page_load", page: page.path }),
    // Reading again by itself would throw away what a person typed into the plugin's forms.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const act = useMutation({
    mutationFn: (interaction: PanelInteraction) => interact(plugin.id, interaction),
    onSuccess: (answer) => {
      if (answer.blocks !== undefined) client.setQueryData(queryKey, answer);
      const { message, type } = answer.toast ?? {};
      if (typeof message === "string") notify(NOTICES.find((kind) => kind === type) ?? "info", message);
    },
  });
  return (
    <section className="panel" aria-label={page.label} aria-busy={act.isPending}>
      {act.error ? <ProblemNotice error={act.error} /> : null}
      <QueryView query={load} lines={6}>
        {(answer) => <Blocks answer={answer} onAction={act.mutate} />}
      </QueryView>
    </section>
  );
}

interface BlocksProps {
  readonly answer: PanelAnswer;
  readonly onAction: (interaction: PanelInteraction) => void;
}

function Blocks({ answer, onAction }: BlocksProps): ReactElement {
  const { blocks, faults } = useMemo(() => readBlocks(answer.blocks), [answer.blocks]);
  return (
    <>
      {blocks.length === 0 && faults.length === 0 ? <p className="hint">{text.panel.empty}</p> : null}
      {blocks.map((block, index) => (
        <SafeBlock key={block.block_id ?? `${index}-${block.type}`} block={block} onAction={onAction} />
      ))}
      <BlockFaults faults={faults} />
    </>
  );
}
