/**
 * How is a plugin entered? A session lasts one host request: it opens VMs, gives each entry its bridges and budget,
 * records what happened and closes everything at its end. VMs never outlive it.
 */
import type { Meter, Outcome, Sandbox, StopReason } from "../../sandbox/index.ts";
import { createBodies } from "../bridges/bodies.ts";
import type { BodyRoom } from "../bridges/body-room.ts";
import { BridgeError } from "../bridges/define-bridge.ts";
import { createDispatcher, type CallScope } from "../bridges/dispatch.ts";
import { createGate, type Gate } from "../bridges/gate.ts";
import type { HookGroup } from "../hooks/pipeline.ts";
import type { Holder } from "../permissions/check.ts";
import { findHold } from "../policy/bounds.ts";
import type { ActivePlugin } from "../registry/active-plugin.ts";
import { toOwnHosts } from "../network/own-hosts.ts";
import type { Registry } from "../registry/registry.ts";
import type { Services } from "../services.ts";
import { listGrants } from "../store/d1/grants.ts";
import { readSettings, type ReadSettings } from "../settings/read.ts";
import type { Tracers } from "../trace/tracer.ts";
import { needsOf } from "../usage/call-needs.ts";
import { meterServices } from "../usage/metered-services.ts";
import type { CountUse } from "../usage/meters.ts";
import {
  EVALUATION_ALLOWANCE,
  EVALUATION_LIMITS,
  budgetOf,
  leaseOf,
  toCallBudget,
  toLimits,
  type Budget,
  type InvocationKind,
} from "./budgets.ts";
import { createVmGroup, type Opened, type Refused } from "./event-group.ts";
import { createEntryPurse, createLedger, tellSpent, type Ledger, type Purse } from "./ledger.ts";
import { prepareImage } from "./prepare.ts";
import type { PluginVersion, ProgramLoader } from "./program.ts";
import { redactOutcome } from "./redact-outcome.ts";
import { createRecorder, type RecorderParts, type Recorder } from "./recorder.ts";

/** One entry. */
export interface EntryRequest {
  readonly plugin: ActivePlugin;
  readonly kind: InvocationKind;
  /** `hook:<name>` or `route:<name>`. */
  readonly name: string;
  readonly input: unknown;
  /** Milliseconds it may wait for the host, where that is less than its budget. */
  readonly timeoutMs?: number;
}

/** The end of an entry; `id` finds its record. */
export interface Entered {
  readonly id: string;
  readonly outcome: Outcome;
  /** Requests to the network it made; the rest of what it used is in `outcome.usage`. */
  readonly requests: number;
  /** It was stopped by, or not run for, a limit of the plugin whose call led here, where its own would have let it go on. */
  readonly isCallersLimit: boolean;
  /** It was not run because the plugin's fuel quota is used up: seconds after which it may be. */
  readonly retryAfter?: number;
}

/** VMs that the entries of one event share, one for each plugin: what `beforeSave` remembers, `afterSave` finds. */
export interface EventGroup {
  enter(request: EntryRequest): Promise<Entered>;
  /** Gives a plugin's VM back early, where nothing of the event will enter it again. */
  release(plugin: string): void;
  close(): void;
}

/** Entries into plugins during one host request. */
export interface Session {
  /** Enters a plugin in a pristine VM of its own. */
  enter(request: EntryRequest): Promise<Entered>;
  openGroup(): EventGroup;
  /** The gate for what the host does in a plugin's name outside of an entry. */
  gate(plugin: ActivePlugin): Gate;
  /** Makes the image of a plugin after the response, so that its first visitor need not wait for its evaluation. */
  makeImage(plugin: PluginVersion): void;
  readonly recorder: Recorder;
  /** Keeps the session open until the promise settles. */
  defer(work: Promise<unknown>): void;
  /** Waits for deferred work and writes the records. */
  finish(): Promise<void>;
}

/** What all sessions of an isolate share. */
export interface SessionParts extends RecorderParts {
  readonly services: Services;
  readonly sandbox: Sandbox;
  readonly programs: ProgramLoader;
  readonly tracers: Tracers;
  readonly registry: Registry;
  readonly bodyRoom: BodyRoom;
  /** Hooks for one bridge call, which is one event group: they run inside the given session, which has the chain of plugins that led there. */
  readonly openHooks: (session: Session, chain: readonly string[]) => HookGroup;
}

/** Milliseconds after which a grant is read anew. */
const GRANTS_MAX_AGE_MS = 1_000;

/** A session for one host request; `baseUrl` is the site's address. */
export function createSession(parts: SessionParts, baseUrl: string): Session {
  const { services } = parts;
  const ledger = createLedger(services.plan, () => services.now().getTime());
  const recorder = createRecorder(services, parts.tracers(), parts);
  return build(parts, { baseUrl, chain: [], ledger, payer: ledger, recorder, deferred: [] });
}

/** What nested sessions share; the plugins whose calls led here, outermost first; and who pays for entries. */
interface SessionState {
  readonly baseUrl: string;
  readonly chain: readonly string[];
  readonly ledger: Ledger;
  readonly payer: Purse;
  readonly recorder: Recorder;
  readonly deferred: Promise<unknown>[];
}

function build(parts: SessionParts, state: SessionState): Session {
  const { services, sandbox, programs, registry, redactors, bodyRoom } = parts;
  const { baseUrl, chain, ledger, payer, recorder, deferred } = state;
  const now = (): number => services.now().getTime();
  /** Fuel counts for the plugin whose call led here: no other can use up its listeners' quota. */
  const payerOf = ({ id }: ActivePlugin): Purse =>
    chain.length > 0 ? payer : tellSpent(payer, (fuel) => recorder.count(id, "fuel", fuel));
  const ownHosts = toOwnHosts([baseUrl, services.site.url ?? ""]);

  const session: Session = {
    recorder,
    async enter(request) {
      const group = session.openGroup();
      try {
        return await group.enter(request);
      } finally {
        group.close();
      }
    },
    openGroup() {
      const group = createVmGroup();
      return {
        async enter(request) {
          const { bounds } = await registry.recent(GRANTS_MAX_AGE_MS);
          const budget = budgetOf(services.plan, request.kind, request.plugin.manifest, bounds.policy);
          return group.use(
            request.plugin,
            (onReclaim) => open(request, budget, onReclaim),
            (vm) => run(request, budget, vm),
          );
        },
        release: (plugin) => group.release(plugin),
        close: () => group.close(),
      };
    },
    gate: (plugin) => openGate(plugin, "page"),
    makeImage(plugin) {
      session.defer(prepareImage(parts, plugin));
    },
    defer(work) {
      deferred.push(
        work.catch((error: unknown) => services.log("error", "deferred work failed", { error: String(error) })),
      );
    },
    async finish() {
      // Deferred work may defer more.
      while (deferred.length > 0) {
        // What is known by now, before waiting: the time after a response is limited.
        await recorder.flush();
        await Promise.all(deferred.splice(0));
      }
      await recorder.flush();
      await services.images.flush();
    },
  };
  return session;

  async function open({ plugin, kind }: EntryRequest, budget: Budget, onReclaim: () => void): Promise<Opened> {
    ledger.open(kind);
    // What an administrator does to a plugin goes on; it is counted all the same.
    const overQuota = kind === "lifecycle" ? undefined : await parts.usage.refuseEntry(plugin.id);
    if (overQuota) {
      const refused = refuse("fuel", `${plugin.id} was not run. ${overQuota.message}`);
      return { ...refused, retryAfter: overQuota.retryAfter };
    }
    // Nothing to run it with: then no memory is taken for it either.
    if (!payer.canPay()) return refuse("fuel", describeEmpty(plugin, chain), chain.length > 0);
    try {
      const opened = await sandbox.open(await programs.load(plugin), EVALUATION_LIMITS, {
        lane: chain.length === 0 ? "outer" : "nested",
        waitMs: budget.waitMs,
        leaseMs: leaseOf(services.plan, kind, budget),
        onReclaim,
      });
      // SECURITY: work at top level is not free because it is done before the entry (tests/host/images.source.test.ts, "pays for").
      payerOf(plugin).spend(Math.max(0, opened.usage.fuel - EVALUATION_ALLOWANCE));
      if (opened.ok) return opened.vm;
      const { failure } = opened;
      if (failure.kind === "stopped" && failure.reason === "busy") return refuse("busy", describeBusy(plugin));
      return { outcome: { ok: false, failure, usage: NO_USAGE }, isCallersLimit: false };
    } catch (error) {
      // A bundle that is missing or was changed is a failure of this plugin, never of the page or save it was asked for.
      // Digests and keys of the store are for the log; visitors may read this message.
      services.log("error", "plugin not started", { plugin: plugin.id, error: String(error) });
      return refuse(
        "crashed",
        `${plugin.id} ${plugin.version} could not be started: its stored bundle is missing or was changed.`,
      );
    }
  }

  async function run(request: EntryRequest, whole: Budget, vm: Opened): Promise<Entered> {
    const { plugin, kind, name } = request;
    const id = services.newId();
    const end = (outcome: Outcome, isCallersLimit: boolean, requests = 0): Entered => {
      recorder.add({ id, plugin, kind, name, outcome, requests });
      return { id, outcome, requests, isCallersLimit };
    };
    if (!("invoke" in vm)) {
      const { retryAfter } = vm;
      return { ...end(vm.outcome, vm.isCallersLimit), ...(retryAfter === undefined ? {} : { retryAfter }) };
    }

    const wanted = { fuel: whole.fuel, wallMs: Math.min(whole.wallMs, request.timeoutMs ?? whole.wallMs) };
    const paying = payerOf(plugin);
    const drawn = paying.draw(wanted);
    if (!drawn.ok) return end(toStopped(drawn.reason, describeEmpty(plugin, chain)), chain.length > 0);
    const { draw } = drawn;
    const { settle: settleBytes, ...bytes } = ledger.drawBytes(whole);
    const budget = { ...whole, ...bytes, fuel: draw.fuel, wallMs: draw.wallMs };
    const purse = createEntryPurse(budget, paying, now);

    const ended = new AbortController();
    const bodies = createBodies({
      room: bodyRoom.open(leaseOf(services.plan, kind, budget)),
      bytesIn: budget.bytesIn,
    });
    let settings: Promise<ReadSettings> | undefined;
    const count: CountUse = (meter, amount) => recorder.count(plugin.id, meter, amount);
    const spend = (kind: "query" | "request", amount: number): void => {
      if (!ledger.count(kind, amount)) throw new BridgeError("BUDGET_EXCEEDED", describeSpent(kind));
    };
    // SECURITY: what a call leads to counts too, or a few calls would use up what the platform gives the whole request.
    // (tests/host/budgets.source.test.ts, "what its calls lead to")
    const metered = meterServices(services, count, (queries) => spend("query", queries));
    const gate = openGate(plugin, kind);
    const dispatcher = createDispatcher({
      table: services.offer.bridges,
      openCall,
      budget: toCallBudget(budget),
      count: (call) => ledger.count(call),
      writeAhead: (outside) => recorder.writeAhead({ id, plugin, kind, name }, outside),
      admit: (method, args) =>
        parts.usage.admitCall(plugin.id, { wanted: needsOf(method, args), change: method.stores?.(...args), count }),
    });

    function openCall(meter: Meter): CallScope {
      purse.meter(meter);
      let opened: HookGroup | undefined;
      return {
        call: {
          plugin,
          actor: { kind: "plugin", id: plugin.id, name: plugin.manifest.name },
          services: metered,
          gate,
          count,
          settings: () =>
            (settings ??= readSettings(metered, plugin.manifest, { age: kind === "schedule" ? "fresh" : "kept" })),
          get hooks() {
            return (opened ??= openNested());
          },
          storage: parts.usage.storageOf(plugin.id),
          siteUrl: baseUrl.replace(/\/+$/, ""),
          bodies,
          ownHosts,
          beforeHop: () => spend("request", 1),
          signal: ended.signal,
        },
        end: () => {
          if (opened) session.defer(opened.close());
        },
      };
    }

    /** SECURITY: what a plugin's saves set off in others is paid for by the plugin. (tests/host/budgets.test.ts, "a plugin that makes others work") */
    function openNested(): HookGroup {
      const longer = [...chain, plugin.id];
      return parts.openHooks(build(parts, { ...state, chain: longer, payer: purse }), longer);
    }

    const raw = await vm.invoke(
      {
        name,
        input: JSON.stringify(request.input ?? null),
        context: JSON.stringify({
          plugin: { id: plugin.id, version: plugin.version },
          // The site's own addresses: none ends with a slash.
          site: { name: services.site.name, url: baseUrl, locale: services.site.locale, trailingSlash: "never" },
        }),
      },
      {
        call: (op, args, _signal, meter) => dispatcher.call(op, args, meter),
        log: (level, message, data) => recorder.log(plugin, id, { level, message, data: data ?? null }),
      },
      toLimits(budget),
    );
    purse.end(raw.usage);
    draw.settle(raw.usage.fuel);
    settleBytes(raw.usage);
    ended.abort();
    // SECURITY: nothing of a body outlives its invocation. (tests/host/bodies.source.test.ts, "dropped at its end")
    bodies.close();
    // SECURITY: from here on people read it. (tests/host/redaction.test.ts, "an error, a log line and a panel")
    const outcome = redactOutcome(raw, kind, await redactors(plugin));
    const isShort =
      (isStop(outcome, "fuel") && draw.fuel < wanted.fuel) || (isStop(outcome, "wall") && draw.wallMs < wanted.wallMs);
    return end(outcome, chain.length > 0 && isShort, dispatcher.requests());
  }

  function openGate(plugin: ActivePlugin, kind: InvocationKind): Gate {
    return createGate({
      manifest: plugin.manifest,
      holding: () => holdingNow(plugin, kind),
      now: services.now,
      onDecided: (decided) => recorder.decided(plugin, decided),
    });
  }

  async function holdingNow(plugin: ActivePlugin, kind: InvocationKind): Promise<Omit<Holder, "requested"> | null> {
    const { plugins, bounds } = await registry.recent(GRANTS_MAX_AGE_MS);
    // While it is being installed it is not yet among the live ones.
    if (kind === "lifecycle") {
      // SECURITY: a switch stops an install hook too. (tests/host/kill-switch.test.ts, "its install hook")
      if (findHold(bounds, plugin)) return null;
      return { grants: await listGrants(services.db, plugin.id, plugin.version), bounds };
    }
    const now = plugins.get(plugin.id);
    // SECURITY: disabled or replaced since: what was granted to this version no longer counts. (tests/host/updates.test.ts, "an invocation under way")
    return now?.digest === plugin.digest ? { grants: now.grants, bounds } : null;
  }
}

const NO_USAGE = { fuel: 0, peakBytes: 0, hostCalls: 0, bytesIn: 0, bytesOut: 0, durationMs: 0 };

function toStopped(reason: StopReason, message: string): Outcome {
  return { ok: false, failure: { kind: "stopped", reason, message }, usage: NO_USAGE };
}

function refuse(reason: StopReason, message: string, isCallersLimit = false): Refused {
  return { outcome: toStopped(reason, message), isCallersLimit };
}

function isStop(outcome: Outcome, reason: StopReason): boolean {
  return !outcome.ok && outcome.failure.kind === "stopped" && outcome.failure.reason === reason;
}

/** Whether there was no memory to run it in; it may be tried again. */
export function isBusy(outcome: Outcome): boolean {
  return isStop(outcome, "busy");
}

function describeBusy({ id }: ActivePlugin): string {
  return `${id} was not run: plugins use all the memory they may at this moment. Try again.`;
}

function describeSpent(kind: "query" | "request"): string {
  const what = kind === "query" ? "statements of the database" : "requests, hops of redirects among them";
  return `Cannot go on: all plugins of this request together have used as many ${what} as they may. Do less in one call, or in a schedule.`;
}

/** Why an entry for which nothing is left is not run. */
function describeEmpty({ id }: ActivePlugin, chain: readonly string[]): string {
  const payer = chain.at(-1);
  return payer === undefined
    ? `${id} was not run: the plugins before it used up the fuel or the time that one request may take.`
    : `${id} was not run: ${payer}, whose call led to it, has no fuel or time left for it.`;
}

/** A guest's JSON as data: keys that would reach a prototype are dropped. */
export function parseGuestJson(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => (key === "__proto__" ? undefined : value));
}
