/**
 * Which states a plugin can be in and which acts lead from one to the next. One table: lifecycle verbs, the API and the
 * dashboard read it; an act that is not in it is refused.
 */

/**
 * - `uploaded`: its first version waits for consent; nothing of it runs.
 * - `activating`: consented; its install and activate hooks are running.
 * - `enabled`: live. A missing required setting is shown beside the state (`needsSetup`), schedules wait meanwhile.
 * - `disabled`: kept, with grants and data; nothing of it runs.
 * - `parked`: an install or activate hook threw; what to do is up to a person.
 * - `rejected`: a person said no.
 * - `uninstalled`: removed; the row stays so that the audit can name it.
 */
export type PluginState = "uploaded" | "activating" | "enabled" | "disabled" | "parked" | "rejected" | "uninstalled";

/** What a person or the host may do to a plugin. */
export type PluginAct = "upload" | "consent" | "reject" | "regrant" | "enable" | "disable" | "rollback" | "uninstall";

const TRANSITIONS = {
  upload: ["uploaded", "enabled", "disabled", "parked", "rejected", "uninstalled"],
  consent: ["uploaded", "enabled", "disabled", "parked", "rejected"],
  reject: ["uploaded", "enabled", "disabled", "parked"],
  regrant: ["activating", "enabled", "disabled", "parked"],
  // From `activating` too: a Worker that stopped in the middle leaves it there.
  enable: ["activating", "disabled", "parked"],
  disable: ["enabled", "activating", "parked"],
  // What is parked comes back disabled: whoever looked decides when it runs.
  rollback: ["enabled", "disabled", "parked"],
  uninstall: ["uploaded", "activating", "enabled", "disabled", "parked", "rejected"],
} as const satisfies Record<PluginAct, readonly PluginState[]>;

/** Whether the act is possible in the state. */
export function canAct(act: PluginAct, state: PluginState): boolean {
  return (TRANSITIONS[act] as readonly PluginState[]).includes(state);
}

const REACHED: Partial<Readonly<Record<PluginAct, PluginState>>> = {
  enable: "enabled",
  disable: "disabled",
  uninstall: "uninstalled",
};

/** Whether the act would change nothing: whoever asks again, since the first answer was lost, is told that it is done. */
export function isReached(act: PluginAct, state: PluginState): boolean {
  return REACHED[act] === state;
}
