/** What the rest of the host sees of the hook pipeline: three verbs, bound to one request. */
import type { HookName } from "@bulkhead/sdk";

/** What one plugin contributed to a collected event. */
export interface Contribution {
  readonly plugin: string;
  readonly value: unknown;
}

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
}
