/** The form made from the plugin's schema: checks while one types, saves only what changed, and is not left by accident. */
import { Banner } from "@cloudflare/kumo/components/banner";
import { Button } from "@cloudflare/kumo/components/button";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactElement } from "react";
import { schedulesQuery } from "../api/activity.ts";
import { asProblem } from "../api/problem.ts";
import { pluginsQuery } from "../api/plugins.ts";
import { saveSettings, settingsQuery } from "../api/settings.ts";
import type { Setting } from "../api/types.ts";
import { plainText } from "../display/plain-text.ts";
import { ProblemNotice } from "../display/problem-notice.tsx";
import { useNotify } from "../shell/use-notify.ts";
import { useUnsavedChanges } from "../shell/unsaved-changes.ts";
import { text } from "../text.ts";
import { edited, faultOf, fieldText, isMissing, toChanges, type Edits } from "./draft.ts";
import { FromCommandLine } from "./from-command-line.tsx";
import { SettingFieldControl } from "./setting-field.tsx";

interface Props {
  readonly id: string;
  readonly settings: readonly Setting[];
}

export function SettingsForm({ id, settings }: Props): ReactElement {
  const client = useQueryClient();
  const notify = useNotify();
  const [edits, setEdits] = useState<Edits>({});
  const save = useMutation({
    mutationFn: () => saveSettings(id, toChanges(settings, edits)),
    onSuccess: async (saved) => {
      client.setQueryData(settingsQuery(id).queryKey, saved);
      setEdits({});
      notify("success", text.settings.saved, text.settings.savedDetail);
      // A schedule may have waited for this very value.
      void client.invalidateQueries({ queryKey: schedulesQuery(id).queryKey });
      await client.invalidateQueries({
        queryKey: pluginsQuery.queryKey,
        predicate: (query) => query.queryKey.length < 3,
      });
    },
  });
  const dirty = Object.keys(edits).length > 0;
  const faulty = settings.some((setting) => faultOf(setting, edits) !== null);
  useUnsavedChanges(dirty ? "yes" : "no");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (dirty && !faulty) save.mutate();
  };
  return (
    <form className="settings" onSubmit={submit} noValidate aria-label={text.settings.title}>
      {settings.map((setting) => (
        <div key={setting.key} className="setting">
          {setting.fault === null ? null : (
            <Banner
              variant="alert"
              title={text.settings.stored(plainText(setting.field.label, 80))}
              description={plainText(setting.fault, 400)}
            />
          )}
          <SettingFieldControl
            setting={setting}
            value={fieldText(setting, edits)}
            fault={faultOf(setting, edits) ?? refusal(save.error, setting.key)}
            missing={isMissing(setting, edits)}
            removed={edits[setting.key] === null}
            onChange={(typed) => {
              if (save.error) save.reset();
              setEdits((before) => edited(before, setting, typed));
            }}
          />
        </div>
      ))}
      {save.error ? <ProblemNotice error={save.error} /> : null}
      <div className="save-bar" data-dirty={dirty}>
        <Button type="submit" variant="primary" disabled={!dirty || faulty} loading={save.isPending}>
          {text.settings.save}
        </Button>
        <Button disabled={!dirty || save.isPending} onClick={() => setEdits({})}>
          {text.settings.discard}
        </Button>
        <span className="hint" role="status">
          {faulty ? text.settings.faulty : dirty ? text.settings.unsaved(Object.keys(edits).length) : ""}
        </span>
      </div>
      <FromCommandLine id={id} settings={settings} />
    </form>
  );
}

/** What the host said about this very field. */
function refusal(error: unknown, key: string): string | null {
  if (!error) return null;
  const issue = asProblem(error).issues.find(({ path }) => path.split(".").at(-1) === key);
  return issue ? plainText(issue.message, 400) : null;
}
