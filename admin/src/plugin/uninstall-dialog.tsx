/** Removes the plugin. Keeping its data needs one click; deleting it needs the plugin's id typed. */
import { Button } from "@cloudflare/kumo/components/button";
import { Dialog } from "@cloudflare/kumo/components/dialog";
import { Input } from "@cloudflare/kumo/components/input";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { useLocation } from "wouter";
import { pluginQuery, pluginsQuery, uninstall, type DataFate } from "../api/plugins.ts";
import type { PluginDetail } from "../api/types.ts";
import { plainText } from "../display/plain-text.ts";
import { ProblemNotice } from "../display/problem-notice.tsx";
import { useNotify } from "../shell/use-notify.ts";
import { text } from "../text.ts";
import { DataFateChoice } from "./data-fate-choice.tsx";

export function UninstallDialog({ plugin }: { readonly plugin: PluginDetail }): ReactElement {
  const client = useQueryClient();
  const notify = useNotify();
  const [, navigate] = useLocation();
  const [fate, setFate] = useState<DataFate>("keep");
  const [typed, setTyped] = useState("");
  const name = plainText(plugin.name, 80);
  const remove = useMutation({
    mutationFn: () => uninstall(plugin.id, fate),
    onSuccess: async (removed) => {
      notify("success", text.uninstall.done(name), text.uninstall.removed(removed));
      navigate("/plugins");
      client.removeQueries({ queryKey: pluginQuery(plugin.id).queryKey });
      await client.invalidateQueries({ queryKey: pluginsQuery.queryKey });
    },
  });
  const confirmed = fate === "keep" || typed.trim() === plugin.id;
  return (
    <Dialog.Root>
      <Dialog.Trigger render={<Button variant="secondary-destructive">{text.uninstall.open}</Button>} />
      <Dialog className="dialog">
        <Dialog.Title className="dialog-title">{text.uninstall.question(name)}</Dialog.Title>
        <Dialog.Description className="hint">{text.uninstall.detail}</Dialog.Description>
        <DataFateChoice fate={fate} onChange={setFate} />
        {fate === "delete" ? (
          <Input
            label={text.uninstall.typeId(plugin.id)}
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        ) : null}
        {remove.error ? <ProblemNotice error={remove.error} /> : null}
        <div className="dialog-actions">
          <Dialog.Close render={<Button>{text.common.cancel}</Button>} />
          <Button
            variant="destructive"
            disabled={!confirmed}
            loading={remove.isPending}
            onClick={() => remove.mutate()}
          >
            {text.uninstall.button[fate]}
          </Button>
        </div>
      </Dialog>
    </Dialog.Root>
  );
}
