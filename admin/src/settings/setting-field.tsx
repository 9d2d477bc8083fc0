/** One setting as a control of its type. */
import { Input, InputArea } from "@cloudflare/kumo/components/input";
import { Switch } from "@cloudflare/kumo/components/switch";
import type { ReactElement } from "react";
import type { Setting } from "../api/types.ts";
import { plainText } from "../display/plain-text.ts";
import { RequiredLabel } from "../display/required-label.tsx";
import { SelectField } from "../display/select-field.tsx";
import { text } from "../text.ts";
import { SecretField } from "./secret-field.tsx";

export interface FieldProps {
  readonly setting: Setting;
  readonly value: string;
  readonly fault: string | null;
  readonly missing: boolean;
  /** null takes the stored value away. */
  readonly onChange: (value: string | null) => void;
}

/** The types of an `<input>` that differ from plain text in what keyboards and browsers offer. */
const INPUT_TYPES = { string: "text", number: "text", url: "url", email: "email" } as const;

export function SettingFieldControl(props: FieldProps & { readonly removed: boolean }): ReactElement {
  const { setting, value, fault, missing, onChange } = props;
  const { field } = setting;
  const label = <RequiredLabel label={plainText(field.label, 128)} required={setting.required} />;
  const hint = field.description === undefined ? undefined : plainText(field.description, 500);
  const description = missing ? (
    <span className="reason">{[hint, text.settings.needed].filter(Boolean).join(" ")}</span>
  ) : (
    hint
  );
  const common = {
    label,
    // Said only where it is so: told `false`, Kumo marks the field as optional.
    ...(setting.required ? { required: true } : {}),
    ...(description === undefined ? {} : { description }),
    ...(fault === null ? {} : { error: fault, variant: "error" as const }),
  };
  switch (field.type) {
    case "secret":
      return <SecretField {...props} />;
    case "boolean":
      return (
        <div className="stack-tight">
          <Switch
            label={label}
            checked={value === "true"}
            onCheckedChange={(checked: boolean) => onChange(String(checked))}
          />
          {hint === undefined ? null : <p className="hint">{hint}</p>}
        </div>
      );
    case "select":
      return (
        <SelectField
          label={label}
          required={setting.required}
          {...(description === undefined ? {} : { description })}
          {...(fault === null ? {} : { error: fault })}
          placeholder={text.settings.choose}
          value={value}
          choices={(field.options ?? []).map((option) => ({ ...option, label: plainText(option.label, 128) }))}
          onChange={onChange}
        />
      );
    case "string":
    case "number":
    case "url":
    case "email":
      if (field.multiline) {
        return <InputArea {...common} rows={4} value={value} onChange={(event) => onChange(event.target.value)} />;
      }
      return (
        <Input
          {...common}
          type={INPUT_TYPES[field.type]}
          {...(field.type === "number" ? { inputMode: "decimal" as const } : {})}
          placeholder={plainText(field.placeholder ?? "", 120)}
          passwordManagerIgnore
          autoComplete="off"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      );
  }
}
