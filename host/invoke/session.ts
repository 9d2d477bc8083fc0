/**
 * How is a plugin entered? A session lasts one host request: it opens VMs, gives each entry its bridges and budget,
 * records what happened and closes everything at its end. VMs never outlive it.
 */
import type { OpenResult, Outcome, Sandbox } from "../../sandbox/index.ts";
import { createDispatcher, type CallScope } from "../bridges/dispatch.ts";
import type { BridgeMethod } from "../bridges/define-bridge.ts";
import type { ContentService } from "../content/service.ts";
import type { Grant } from "../permissions/grant.ts";
import type { ActivePlugin } from "../registry/active-plugin.ts";
import type { Registry } from "../registry/registry.ts";
import type { Services } from "../services.ts";
import { listGrants } from "../store/d1/grants.ts";
import { readSettings, type ReadSettings } from "../settings/read.ts";
import { EVALUATION_LIMITS, budgetOf, toCallBudget, toLimits, type InvocationKind } from "./budgets.ts";
import { createVmGroup, type Opened } from "./event-group.ts";
import type { ProgramLoader } from "./program.ts";
import type { Slots } from "./slots.ts";
import { createRecorder, type Recorder } from "./recorder.ts";

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
  /** A session for what plugins' calls lead to: same records, same end, its own chain. */
  nest(chain: readonly string[]): Session;
  readonly recorder: Recorder;
  /** Keeps the session open until the promise settles. */
  defer(work: Promise<unknown>): void;
  /** Waits for deferred work and writes the records. */
  finish(): Promise<void>;
}

/** What all sessions of an isolate share. */
export interface SessionParts {
  readonly services: Services;
  readonly sandbox: Sandbox;
  readonly programs: ProgramLoader;
  readonly registry: Registry;
  readonly bridges: ReadonlyMap<string, BridgeMethod>;
  /** Places for VMs: for requests and schedules, and for what plugins' own saves lead to. */
  readonly slots: { readonly outer: Slots; readonly nested: Slots };
  /** Content as a plugin reaches it: saves run the hooks of others, inside a session with the given chain. */
  readonly openContent: (session: Session, chain: readonly string[]) => OpenContent;
}

/** Content for one bridge call, which is one event group. */
export interface OpenContent {
  readonly content: ContentService;
  /** Waits for the group's actions and gives its VMs back. */
  close(): Promise<void>;
}

/** Milliseconds after which a grant is read anew. */
const GRANTS_MAX_AGE_MS = 1_000;

/** A session for one host request; `baseUrl` is the site's address. */
export function createSession(parts: SessionParts, baseUrl: string): Session {
  return build(parts, { baseUrl, chain: [], recorder: createRecorder(parts.services), deferred: [] });
}

/** What nested sessions share, and the plugins whose calls led here, outermost first. */
interface SessionState {
  readonly baseUrl: string;
  readonly chain: readonly string[];
  readonly recorder: Recorder;
  readonly deferred: Promise<unknown>[];
}

function build(parts: SessionParts, state: SessionState): Session {
  const { services, sandbox, programs, registry, bridges, slots } = parts;
  const { baseUrl, chain, recorder, deferred } = state;
  const methods = [...bridges.keys()];

  const session: Session = {
    recorder,
    nest: (longer) => build(parts, { ...state, chain: longer }),
    async enter(request) {
      const group = session.openGroup();
      try {
        return await group.enter(request);
      } finally {
        group.close();
      }
    },
    openGroup() {
      const group = createVmGroup({ open, slots: chain.length === 0 ? slots.outer : slots.nested, busy: toBusy });
      return {
        enter: (request) => group.use(request.plugin, (vm) => run(request, vm)),
        release: (plugin) => group.release(plugin),
        close: () => group.close(),
      };
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
    },
  };
  return session;

  async function open(plugin: ActivePlugin): Promise<Opened> {
    const opened = await openProgram(plugin);
    return opened.ok ? opened.vm : { ok: false, failure: opened.failure, usage: NO_USAGE };
  }

  /** A bundle that is missing or was changed is a failure of this plugin, never of the page or save it was asked for. */
  async function openProgram(plugin: ActivePlugin): Promise<OpenResult> {
    try {
      return await sandbox.open(await programs.load(plugin), EVALUATION_LIMITS);
    } catch (error) {
      // Digests and keys of the store are for the log; visitors may read this message.
      services.log("error", "plugin not started", { plugin: plugin.id, error: String(error) });
      const message = `${plugin.id} ${plugin.version} could not be started: its stored bundle is missing or was changed.`;
      return { ok: false, failure: { kind: "stopped", reason: "crashed", message } };
    }
  }

  async function run(request: EntryRequest, vm: Opened): Promise<Entered> {
    const { plugin, kind, name } = request;
    const id = services.newId();
    const ended = new AbortController();
    const budget = budgetOf(kind, plugin.manifest);
    let settings: Promise<ReadSettings> | undefined;
    const dispatcher = createDispatcher(bridges, () => openCall(), toCallBudget(budget));

    function openCall(): CallScope {
      let open: OpenContent | undefined;
      return {
        call: {
          plugin,
          actor: { kind: "plugin", id: plugin.id, name: plugin.manifest.name },
          services,
          grants: () => grantsNow(plugin, kind),
          settings: () => (settings ??= readSettings(services, plugin.manifest)),
          get content() {
            return (open ??= parts.openContent(session, [...chain, plugin.id])).content;
          },
          signal: ended.signal,
        },
        end: () => {
          if (open) session.defer(open.close());
        },
      };
    }
    const outcome =
      "invoke" in vm
        ? await vm.invoke(
            {
              name,
              input: JSON.stringify(request.input ?? null),
              context: JSON.stringify({
                plugin: { id: plugin.id, version: plugin.version },
                site: { name: services.site.name, url: baseUrl, locale: services.site.locale },
                methods,
              }),
            },
            {
              call: (op, args) => dispatcher.call(op, args),
              log: (level, message, data) => recorder.log(plugin, id, { level, message, data: data ?? null }),
            },
            toLimits(budget, request.timeoutMs),
          )
        : vm;
    ended.abort();
    recorder.add({ id, plugin, kind, name, outcome, requests: dispatcher.requests() });
    return { id, outcome };
  }

  async function grantsNow(plugin: ActivePlugin, kind: InvocationKind): Promise<readonly Grant[] | null> {
    // While it is being installed it is not yet among the live ones.
    if (kind === "lifecycle") return listGrants(services.db, plugin.id, plugin.version);
    const now = (await registry.recent(GRANTS_MAX_AGE_MS)).plugins.get(plugin.id);
    // SECURITY: disabled or replaced since: what was granted to this version no longer counts. (tests/host/updates.test.ts, "an invocation under way")
    return now?.digest === plugin.digest ? now.grants : null;
  }
}

const NO_USAGE = { fuel: 0, peakBytes: 0, hostCalls: 0, bytesIn: 0, bytesOut: 0, durationMs: 0 };

function toBusy({ id }: ActivePlugin): Outcome {
  const message = `${id} was not run: too many plugins are running at this moment. Try again.`;
  return { ok: false, failure: { kind: "stopped", reason: "wall", message }, usage: NO_USAGE };
}

/** A guest's JSON as data: keys that would reach a prototype are dropped. */
export function parseGuestJson(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => (key === "__proto__" ? undefined : value));
}
