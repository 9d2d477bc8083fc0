/** What the rest of the host sees of the hook pipeline: a verb for each kind of event, bound to one request. */
import type { HookName } from "@bulkhead/sdk";
import type { Gate } from "../bridges/gate.ts";

/** What one plugin contributed to a collected event. */
export interface Contribution {
  readonly plugin: string;
  readonly value: unknown;
}

/** What one plugin contributed to places that are granted one by one. */
export interface PlacedContribution extends Contribution {
  /** Asked for each place it is used at: what was offered may have been taken back while the plugin answered. */
  readonly gate: Pick<Gate, "check" | "covers">;
}

/** What the one plugin said that holds a target; where it failed, seconds after which it may be asked again, if known. */
export type Asked =
  | { readonly ok: true; readonly plugin: string; readonly value: unknown }
  | { readonly ok: false; readonly plugin: string; readonly retryAfter: number | undefined };

/** Hooks for the time of one host request. All calls of one request share each plugin's VM and budget. */
export interface Hooks {
  /**
   * Passes `content` (the named member of the event) through every handler, in order. A handler that throws under
   * errorPolicy `abort` ends it with a HostError REFUSED_BY_PLUGIN that names plugin and message; one the engine
   * stopped is dropped.
   */
  filter<Value extends Record<string, unknown>>(
    name: HookName,
    event: Readonly<Record<string, unknown>>,
    member: string,
    value: Value,
  ): Promise<Record<string, unknown>>;
  /** Asks every handler; the first that answers `false` refuses with a HostError REFUSED_BY_PLUGIN. */
  veto(name: HookName, event: Readonly<Record<string, unknown>>): Promise<void>;
  /** Tells every handler. Never fails: what a handler throws is recorded for its plugin. Runs after the response. */
  action(name: HookName, event: Readonly<Record<string, unknown>>): void;
  /** Gathers what every handler answers; a handler that fails contributes nothing. */
  collect(name: HookName, event: Readonly<Record<string, unknown>>): Promise<readonly Contribution[]>;
  /**
   * As `collect`, for an event whose power is narrowed to places: each handler reads in `member` those of `places` that its
   * plugin holds a grant for, and is not told where it holds none.
   */
  offer(
    name: HookName,
    event: Readonly<Record<string, unknown>>,
    options: { readonly member: string; readonly places: readonly string[] },
  ): Promise<readonly PlacedContribution[]>;
  /** Asks the plugin that holds a grant of the event's power for the target; undefined where nobody does. Counts as a use. */
  ask(name: HookName, event: Readonly<Record<string, unknown>>, target: string): Promise<Asked | undefined>;
}
