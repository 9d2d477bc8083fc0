/**
 * Which events a plugin may listen to, what each one needs, and whether its answer counts. One vocabulary: the host's own
 * and what the application that mounts it declares; registration, dispatch and consent read nothing else.
 */
import { isCapability, type Capability } from "./capabilities.ts";

/**
 * - `filter`: the handler's result replaces the value it was given;
 * - `veto`: `false` refuses the act;
 * - `action`: the result is ignored;
 * - `collect`: results of all handlers are gathered;
 * - `private`: delivered to the owning plugin alone;
 * - `exclusive`: the one plugin that holds a grant for the target in question is asked.
 */
export type HookKind = "filter" | "veto" | "action" | "collect" | "private" | "exclusive";

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
  /**
   * The member of the event that names what it is about, where its power can be narrowed: a plugin hears of what it was
   * granted alone. Places and addresses are offered one by one instead.
   */
  readonly target?: string;
  /** When it is delivered, in words for the consent screen. */
  readonly when: string;
}

/** The events the bundled host fires. */
export const HOOKS = {
  "plugin:install": { kind: "private", capability: null, when: "once, when it is installed" },
  "plugin:activate": { kind: "private", capability: null, when: "when it is enabled" },
  "plugin:deactivate": { kind: "private", capability: null, when: "when it is disabled" },
  "plugin:uninstall": { kind: "private", capability: null, when: "when it is removed" },
  "content:beforeSave": {
    kind: "filter",
    capability: "content:write",
    observeWith: "content:read",
    target: "collection",
    when: "before content is saved",
  },
  "content:afterSave": {
    kind: "action",
    capability: "content:read",
    target: "collection",
    when: "after content was saved",
  },
  "content:beforeDelete": {
    kind: "veto",
    capability: "content:write",
    observeWith: "content:read",
    target: "collection",
    when: "before content is deleted",
  },
  "content:afterDelete": {
    kind: "action",
    capability: "content:read",
    target: "collection",
    when: "after content was deleted",
  },
  "content:afterPublish": {
    kind: "action",
    capability: "content:read",
    target: "collection",
    when: "after content was published",
  },
  "content:afterUnpublish": {
    kind: "action",
    capability: "content:read",
    target: "collection",
    when: "after content was unpublished",
  },
  "media:afterUpload": {
    kind: "action",
    capability: "media:read",
    undeclared: "inactive",
    when: "after a media file was uploaded",
  },
  cron: { kind: "private", capability: null, when: "on its schedule" },
  "page:metadata": { kind: "collect", capability: null, when: "whenever a public page is shown" },
  "page:blocks": {
    kind: "collect",
    capability: "page:slots",
    when: "whenever a page with one of its places is shown",
  },
  "page:request": { kind: "exclusive", capability: "page:paths", when: "whenever one of its addresses is visited" },
} as const satisfies Record<string, HookDefinition>;

/** An event: one of `HOOKS`, or a declared one such as `invoice:paid`. */
export type HookName = "cron" | `${string}:${string}`;

/** As with capabilities, an isolate has one dictionary. */
const known = new Map<string, HookDefinition>(Object.entries(HOOKS));

const NAME = /^[a-z][a-z0-9-]*:[a-zA-Z][a-zA-Z0-9-]*$/;
const NAME_CHARS = 64;

/**
 * Adds an event to the vocabulary. Do it before a host is made.
 *
 * @throws for a name that is none or means something else already, and for a capability that is not declared.
 */
export function declareHook(name: HookName, definition: HookDefinition): void {
  const meant = known.get(name);
  if (meant) {
    if (JSON.stringify(meant) === JSON.stringify(definition)) return;
    throw new Error(`Cannot declare the event "${name}": it is declared with another meaning. Choose another name`);
  }
  if (!NAME.test(name) || name.length > NAME_CHARS) {
    throw new Error(
      `Cannot declare the event "${name}": expected two words such as invoice:paid, at most ${NAME_CHARS} characters`,
    );
  }
  for (const capability of [definition.capability, definition.observeWith ?? null]) {
    if (capability !== null && !isCapability(capability))
      throw new Error(`Cannot declare the event "${name}": there is no capability "${capability}"`);
  }
  known.set(name, { ...definition });
}

/** Every event there is. */
export function hookNames(): readonly HookName[] {
  return [...known.keys()] as HookName[];
}

/** Whether the event is one of the vocabulary. EmDash knows more; those are listed as inactive at consent. */
export function isHookName(name: string): name is HookName {
  return known.has(name);
}

/** What the vocabulary says of an event. Throws for one that is not in it. */
export function describeHook(name: HookName): HookDefinition {
  const definition = known.get(name);
  if (!definition) throw new Error(`There is no event "${name}"`);
  return definition;
}

/** EmDash's defaults for a hook entry. */
export const HOOK_DEFAULTS = { priority: 100, timeoutMs: 5_000, errorPolicy: "abort" } as const;
