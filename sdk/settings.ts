/** What a plugin's settings look like: EmDash's `admin.settingsSchema`, and how raw text in KV becomes a value. */

interface FieldBase {
  readonly label: string;
  readonly description?: string | undefined;
}

/** One setting, as EmDash's manifests describe it. */
export type SettingField = FieldBase &
  (
    | { readonly type: "string"; readonly default?: string | undefined; readonly multiline?: boolean | undefined }
    | {
        readonly type: "number";
        readonly default?: number | undefined;
        readonly min?: number | undefined;
        readonly max?: number | undefined;
      }
    | { readonly type: "boolean"; readonly default?: boolean | undefined }
    | {
        readonly type: "select";
        readonly options: readonly { readonly value: string; readonly label: string }[];
        readonly default?: string | undefined;
      }
    | { readonly type: "secret" }
    | { readonly type: "url"; readonly default?: string | undefined; readonly placeholder?: string | undefined }
    | { readonly type: "email"; readonly default?: string | undefined; readonly placeholder?: string | undefined }
  );

/** The settings of a plugin by key. */
export type SettingsSchema = Readonly<Record<string, SettingField>>;

/** A setting's value. Secrets have none: they are write-only. */
export type SettingValue = string | number | boolean;

export type SettingResult =
  { readonly ok: true; readonly value: SettingValue } | { readonly ok: false; readonly message: string };

/** Most characters of one setting. KV would take 25 MiB; a setting is a line or a page of text. */
export const SETTING_MAX_CHARS = 16_384;

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/**
 * Reads the raw text that stands at a setting's KV key, as the schema's type says. `wrangler kv key put` writes such
 * text, so a number is `12` and a boolean `true`, never JSON in quotes.
 */
export function parseSetting(field: SettingField, text: string): SettingResult {
  const no = (message: string): SettingResult => ({ ok: false, message });
  if (text.length > SETTING_MAX_CHARS) {
    return no(`has ${text.length} characters; at most ${SETTING_MAX_CHARS} are allowed`);
  }
  switch (field.type) {
    case "string":
    case "secret":
      return { ok: true, value: text };
    case "number": {
      const value = Number(text);
      if (text.trim() === "" || !Number.isFinite(value)) return no(`expected a number, got "${text.slice(0, 80)}"`);
      if (field.min !== undefined && value < field.min) return no(`${value} is less than the minimum ${field.min}`);
      if (field.max !== undefined && value > field.max) return no(`${value} is more than the maximum ${field.max}`);
      return { ok: true, value };
    }
    case "boolean":
      if (text === "true" || text === "false") return { ok: true, value: text === "true" };
      return no(`expected true or false, got "${text.slice(0, 80)}"`);
    case "select": {
      if (field.options.some((option) => option.value === text)) return { ok: true, value: text };
      return no(
        `expected one of ${field.options.map((option) => option.value).join(", ")}, got "${text.slice(0, 80)}"`,
      );
    }
    case "url":
      return isHttpUrl(text)
        ? { ok: true, value: text }
        : no(`expected an http(s) address, got "${text.slice(0, 80)}"`);
    case "email":
      return EMAIL.test(text)
        ? { ok: true, value: text }
        : no(`expected an e-mail address, got "${text.slice(0, 80)}"`);
  }
}

/** The value a setting has while nobody set it. */
export function defaultSetting(field: SettingField): SettingValue | undefined {
  return field.type === "secret" ? undefined : field.default;
}

function isHttpUrl(text: string): boolean {
  return /^https?:\/\/[^\s/?#]+([/?#]\S*)?$/i.test(text);
}
