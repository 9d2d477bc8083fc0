/** A setting that can be written and never read: says whether and when it was set, and takes a new value. */
import { Button } from "@cloudflare/kumo/components/button";
import { Input } from "@cloudflare/kumo/components/input";
import type { ReactElement } from "react";
import { plainText } from "../display/plain-text.ts";
import { RequiredLabel } from "../display/required-label.tsx";
import { TimeAgo } from "../display/time-ago.tsx";
import { text } from "../text.ts";
import { secretState } from "./draft.ts";
import type { FieldProps } from "./setting-field.tsx";

export function SecretField(props: FieldProps & { readonly removed: boolean }): ReactElement {
  const { setting, value, fault, missing, removed, onChange } = props;
  const secret = secretState(setting);
  return (
    <div className="secret">
      <Input
        label={<RequiredLabel label={plainText(setting.field.label, 128)} required={setting.required} />}
        description={setting.field.description === undefined ? "" : plainText(setting.field.description, 500)}
        {...(fault === null ? {} : { error: fault, variant: "error" as const })}
        {...(setting.required ? { required: true } : {})}
        type="password"
        autoComplete="new-password"
        passwordManagerIgnore
        spellCheck={false}
        placeholder={secret.set && !removed ? text.settings.secretKeep : text.settings.secretEnter}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <p className={missing ? "reason secret-state" : "hint secret-state"}>
        {removed ? (
          text.settings.secretWillGo
        ) : secret.set ? (
          <span>
            {text.settings.secretSet} {secret.at === null ? null : <TimeAgo at={secret.at} />}
          </span>
        ) : (
          text.settings.secretUnset
        )}
        {secret.set ? (
          <Button size="xs" onClick={() => onChange(removed ? "" : null)}>
            {removed ? text.settings.secretUndo : text.settings.secretRemove}
          </Button>
        ) : null}
      </p>
    </div>
  );
}
