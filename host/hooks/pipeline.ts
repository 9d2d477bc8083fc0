/**
 * How does an event reach its listeners? One pipeline for every event and every caller: listeners in order, each in its
 * plugin's VM for this event group. A guest's throw under `abort` refuses the act; a stop by the engine drops the
 * contribution, because a plugin that is slow or broken must not hold up the site.
 */
import { describeHook, requestedTargets, type Capability, type HookName } from "@bulkhead/sdk";
import type { Failure, GuestError } from "../../sandbox/index.ts";
import { BridgeError } from "../bridges/define-bridge.ts";
import { HostError, RETRY_AFTER_SECONDS } from "../errors.ts";
import { describeFailure } from "../invoke/failure.ts";
import { isBusy, parseGuestJson, type EventGroup, type Session } from "../invoke/session.ts";
import type { InvocationKind } from "../invoke/budgets.ts";
import { checkUse } from "../permissions/check.ts";
import type { ActivePlugin } from "../registry/active-plugin.ts";
import type { Registry } from "../registry/registry.ts";
import type { Hooks, PlacedContribution } from "./hooks.ts";
import { orderListeners, type Orderable } from "./order.ts";

/** Most plugins deep a save may lead: a plugin's save runs the hooks of others, whose saves run none. */
const MAX_CHAIN = 1;

/** A request reads the registry at its start; within it, a snapshot this old will do. */
const MAX_AGE_MS = 1_000;

/** What the pipeline needs. */
export interface PipelineParts {
  readonly registry: Registry;
  readonly session: Session;
  /** The plugins whose calls led here; none of them hears the event. */
  readonly chain: readonly string[];
  readonly now: () => Date;
}

/** Hooks for one event group. `close` waits for its actions and gives the VMs back. */
export interface HookGroup extends Hooks {
  close(): Promise<void>;
}

interface Listener extends Orderable {
  readonly active: ActivePlugin;
  readonly timeoutMs: number;
  readonly errorPolicy: "continue" | "abort";
  readonly observes: boolean;
}

type Event = Readonly<Record<string, unknown>>;
type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

/** The pipeline for one event group. */
export function createHookGroup({ registry, session, chain, now }: PipelineParts): HookGroup {
  let group: EventGroup | undefined;
  const actions: Promise<unknown>[] = [];

  async function listenersOf(name: HookName, event: Event): Promise<readonly Listener[]> {
    if (chain.length > MAX_CHAIN) return [];
    const { plugins, bounds } = await registry.recent(MAX_AGE_MS);
    const listeners: Listener[] = [];
    for (const plugin of plugins.values()) {
      const hook = plugin.exports.hooks.find((exported) => exported.name === name);
      if (!hook || chain.includes(plugin.id)) continue;
      const { capability, observeWith } = describeHook(name);
      const requested = (power: Capability) => requestedTargets(plugin.manifest, power);
      // SECURITY: of what a grant is narrowed to, and of nothing else. (tests/host/narrowed.test.ts, "hears of them alone")
      const has = (wanted: typeof capability): boolean =>
        wanted !== null &&
        checkUse({ grants: plugin.grants, bounds, requested }, { capability: wanted, ...toTarget(name, event) }, now())
          .ok;
      // SECURITY: without its grant a hook is not delivered. (tests/host/hooks.test.ts, "without their grant are not delivered")
      const observes = capability !== null && !has(capability);
      if (observes && !has(observeWith ?? null)) continue;
      const { priority, dependencies, timeoutMs, errorPolicy } = hook;
      listeners.push({ plugin: plugin.id, active: plugin, priority, dependencies, timeoutMs, errorPolicy, observes });
    }
    return orderListeners(listeners);
  }

  /** Tells one listener. A failure that refuses the act throws; any other contributes nothing. */
  async function tell(listener: Listener, name: HookName, event: unknown, kind: InvocationKind): Promise<Answer> {
    const { active: plugin, timeoutMs, errorPolicy } = listener;
    group ??= session.openGroup();
    const entered = await group.enter({ plugin, kind, name: `hook:${name}`, input: event, timeoutMs });
    const { outcome } = entered;
    if (!isFollowed(name, plugin)) group.release(plugin.id);
    if (outcome.ok) return { ok: true, value: parseGuestJson(outcome.value) };
    // A person's save is not refused because a plugin has used up its quota. A plugin's is: it may have brought that about.
    if (chain.length === 0 && isQuota(outcome.failure)) return { ok: false };
    if (outcome.failure.kind === "threw" && errorPolicy === "abort" && !listener.observes) {
      throw new HostError(
        "REFUSED_BY_PLUGIN",
        `${plugin.manifest.name} (${plugin.id}) refused this: ${describeFailure(outcome.failure)}`,
        [{ path: plugin.id, code: name, message: describeFailure(outcome.failure) }],
      );
    }
    // SECURITY: a plugin does not slip past a check by leaving too little fuel for it. (tests/host/budgets.test.ts, "cannot slip past a check")
    if (entered.isCallersLimit && errorPolicy === "abort" && !listener.observes) {
      throw new BridgeError(
        "BUDGET_EXCEEDED",
        `Not saved: too little fuel or time is left for what ${plugin.id} does before it`,
      );
    }
    return { ok: false };
  }

  return {
    async filter(name, event, member, value) {
      let current: Record<string, unknown> = value;
      for (const listener of await listenersOf(name, event)) {
        const answer = await tell(listener, name, { ...event, [member]: current }, "hook");
        // An object replaces the value; nothing, or anything else, leaves it.
        if (answer.ok && !listener.observes && isRecord(answer.value)) current = answer.value;
      }
      return current;
    },
    async veto(name, event) {
      for (const listener of await listenersOf(name, event)) {
        const answer = await tell(listener, name, event, "hook");
        if (answer.ok && answer.value === false && !listener.observes) {
          const { manifest, id } = listener.active;
          throw new HostError("REFUSED_BY_PLUGIN", `${manifest.name} (${id}) refused this.`);
        }
      }
    },
    action(name, event) {
      const work = (async () => {
        for (const listener of await listenersOf(name, event)) {
          // The act is done; whatever a listener throws is on its record and nowhere else.
          await tell({ ...listener, errorPolicy: "continue" }, name, event, "hook");
        }
      })();
      actions.push(work);
      session.defer(work);
    },
    async collect(name, event) {
      const contributions = [];
      for (const listener of await listenersOf(name, event)) {
        const answer = await tell({ ...listener, errorPolicy: "continue" }, name, event, "page");
        if (answer.ok && answer.value !== null) contributions.push({ plugin: listener.plugin, value: answer.value });
      }
      return contributions;
    },
    async offer(name, event, { member, places }) {
      const { capability } = describeHook(name);
      const contributions: PlacedContribution[] = [];
      if (capability === null) return contributions;
      for (const listener of await listenersOf(name, event)) {
        const gate = session.gate(listener.active);
        const held: string[] = [];
        for (const target of places) if (await gate.covers({ capability, target })) held.push(target);
        // SECURITY: a plugin is told of no place it may not use. (tests/host/page-blocks.test.ts, "is told of the places it was granted")
        if (held.length === 0) continue;
        const answer = await tell({ ...listener, errorPolicy: "continue" }, name, { ...event, [member]: held }, "page");
        if (answer.ok && answer.value !== null)
          contributions.push({ plugin: listener.plugin, value: answer.value, gate });
      }
      return contributions;
    },
    async ask(name, event, target) {
      const { capability } = describeHook(name);
      if (capability === null) return undefined;
      for (const { active: plugin, timeoutMs } of await listenersOf(name, event)) {
        const gate = session.gate(plugin);
        // SECURITY: nobody but who holds it is asked. (tests/host/page-paths.test.ts, "another plugin's grant does not help")
        if (!(await gate.covers({ capability, target })) || !(await gate.check({ capability, target })).ok) continue;
        const request = { plugin, kind: "route", name: `hook:${name}`, input: event, timeoutMs } as const;
        const { outcome, retryAfter } = await session.enter(request);
        if (outcome.ok) return { ok: true, plugin: plugin.id, value: parseGuestJson(outcome.value) };
        return { ok: false, plugin: plugin.id, retryAfter: isBusy(outcome) ? RETRY_AFTER_SECONDS : retryAfter };
      }
      return undefined;
    },
    async close() {
      while (actions.length > 0) await Promise.allSettled(actions.splice(0));
      group?.close();
    },
  };
}

/** Whether another event may follow that is told to the same VM: what happens after an act, or the blocks of a page after its head. */
function isFollowed(name: HookName, { exports }: ActivePlugin): boolean {
  const next = name.startsWith("content:") ? "content:after" : name === "page:metadata" ? "page:blocks" : undefined;
  return next !== undefined && exports.hooks.some((hook) => hook.name.startsWith(next));
}

/** Whether a handler ended because a call of its was beyond its plugin's quota. To say so falsely only gives up a refusal. */
function isQuota(failure: Failure): boolean {
  if (failure.kind !== "threw") return false;
  let error: GuestError | undefined = failure.error;
  for (; error; error = error.cause) if (error.code === "QUOTA_EXCEEDED") return true;
  return false;
}

/** What the event is about, where it says so. A name that is missing is covered by no grant that is narrowed. */
function toTarget(name: HookName, event: Event): { readonly target?: string } {
  const { target: member } = describeHook(name);
  if (member === undefined) return {};
  const target = event[member];
  return { target: typeof target === "string" ? target : "" };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
