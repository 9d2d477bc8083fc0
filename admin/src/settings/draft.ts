/**
 * What has the person changed in a settings form, is it valid, and what must be sent? Pure. Only edits are kept, so that
 * values which change meanwhile at the host show through wherever nobody typed.
 */
import { parseSetting, type SettingField } from "../../../sdk/settings.ts";
import type { SettingChanges } from "../api/settings.ts";
import type { Setting } from "../api/types.ts";
import { text } from "../text.ts";

/** Text typed by key; null takes the stored value away. */
export type Edits = Readonly<Record<string, string | null>>;

/** What a secret tells of itself. */
export interface SecretState {
  readonly set: boolean;
  readonly at: string | null;
}

/** The text a field shows. A secret shows none, for the host never sends it. */
export function fieldText(setting: Setting, edits: Edits): string {
  const edit = edits[setting.key];
  if (edit !== undefined) return edit ?? "";
  return storedText(setting);
}

/** Whether a secret is set, and since when. */
export function secretState(setting: Setting): SecretState {
  return typeof setting.value === "object" && setting.value !== null ? setting.value : { set: false, at: null };
}

/** The edits with one more; an edit back to what is stored is none. */
export function edited(edits: Edits, setting: Setting, typed: string | null): Edits {
  const rest = Object.fromEntries(Object.entries(edits).filter(([key]) => key !== setting.key));
  return typed === storedText(setting) ? rest : { ...rest, [setting.key]: typed };
}

/** What is wrong with what stands in a field, or null. The host's own rule, so that both agree. */
export function faultOf(setting: Setting, edits: Edits): string | null {
  const typed = fieldText(setting, edits).trim();
  if (typed === "" || !(setting.key in edits)) return null;
  // The wire shape is one object with every type's properties; the parser wants the variant for this type.
  const result = parseSetting(setting.field as SettingField, typed);
  return result.ok ? null : text.settings.fault(result.message);
}

/** Whether a required setting would be without a value. */
export function isMissing(setting: Setting, edits: Edits): boolean {
  if (!setting.required) return false;
  if (setting.field.type === "secret" && edits[setting.key] === undefined) return !secretState(setting).set;
  return fieldText(setting, edits).trim() === "";
}

/** What is sent. An emptied field goes back to its default; an untouched one is not mentioned. */
export function toChanges(settings: readonly Setting[], edits: Edits): SettingChanges {
  const changes: Record<string, string | number | boolean | null> = {};
  for (const setting of settings) {
    const edit = edits[setting.key];
    if (edit === undefined) continue;
    const result =
      edit === null || edit.trim() === "" ? null : parseSetting(setting.field as SettingField, edit.trim());
    changes[setting.key] = result?.ok ? result.value : null;
  }
  return changes;
}

function storedText(setting: Setting): string {
  const { value } = setting;
  return value === null || typeof value === "object" ? "" : String(value);
}
