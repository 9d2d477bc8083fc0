/**
 * Which events a plugin may listen to, what each one needs, and whether its answer counts. One table; registration,
 * dispatch and consent read nothing else.
 */
import type { Capability } from "./capabilities.ts";

/**
 * - `filter`: the handler's result replaces the value it was given;
 * - `veto`: `false` refuses the act;
 * - `action`: the result is ignored;
 * - `collect`: results of all handlers are gathered;
 * - `private`: delivered to the owning plugin alone.
 */
export type HookKind = "filter" | "veto" | "action" | "collect" | "private";

/** One event. */
export interface HookDefinition {
  readonly kind: HookKind;
  /** What a plugin needs to register for it. */
  readonly capability: Capability | null;
  /**
   * With this weaker capability the handler still runs, but its result is ignored. EmDash plugins register
   * `content:beforeSave` with `content:read` alone in order to watch.
   */
  readonly observeWith?: Capability;
  /**
   * Where the capability is not requested, the hook is listed as inactive instead of refused: plugins are published that
   * export it without.
   */
  readonly undeclared?: "inactive";
  /** When it is delivered, in words for the consent screen. */
  readonly when: string;
}

/** The events this host fires. */
export const HOOKS = {
  "plugin:install": { kind: "private", capability: null, when: "once, when it is installed" },
  "plugin:activate": { kind: "private", capability: null, when: "when it is enabled" },
  "plugin:deactivate": { kind: "private", capability: null, when: "when it is disabled" },
  "plugin:uninstall": { kind: "private", capability: null, when: "when it is removed" },
  "content:beforeSave": {
    kind: "filter",
    capability: "content:write",
    observeWith: "content:read",
    when: "before content is saved",
  },
  "content:afterSave": { kind: "action", capability: "content:read", when: "after content was saved" },
  "content:beforeDelete": {
    kind: "veto",
    capability: "content:write",
    observeWith: "content:read",
    when: "before content is deleted",
  },
  "content:afterDelete": { kind: "action", capability: "content:read", when: "after content was deleted" },
  "content:afterPublish": { kind: "action", capability: "content:read", when: "after content was published" },
  "content:afterUnpublish": { kind: "action", capability: "content:read", when: "after content was unpublished" },
  "media:afterUpload": {
    kind: "action",
    capability: "media:read",
    undeclared: "inactive",
    when: "after a media file was uploaded",
  },
  cron: { kind: "private", capability: null, when: "on its schedule" },
  "page:metadata": { kind: "collect", capability: null, when: "whenever a public page is shown" },
} as const satisfies Record<string, HookDefinition>;

/** An event this host fires. */
export type HookName = keyof typeof HOOKS;

/** Every event this host fires. */
export const HOOK_NAMES = Object.keys(HOOKS) as readonly HookName[];

/** Whether this host fires the event. EmDash knows more; those are listed as inactive at consent. */
export function isHookName(name: string): name is HookName {
  return Object.hasOwn(HOOKS, name);
}

/** What the table says of an event. */
export function describeHook(name: HookName): HookDefinition {
  return HOOKS[name];
}

/** EmDash's defaults for a hook entry. */
export const HOOK_DEFAULTS = { priority: 100, timeoutMs: 5_000, errorPolicy: "abort" } as const;
