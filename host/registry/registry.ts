/**
 * Which plugins are live right now? Each isolate keeps a snapshot and compares its generation with the database's at
 * every request; "differs", never "is greater", so that a restored database is noticed too.
 */
import { findHold, HELD, UNBOUNDED, type Bounds } from "../policy/bounds.ts";
import { createFlagWatch } from "../policy/flag-watch.ts";
import { toPolicyInForce, toSwitches } from "../policy/in-force.ts";
import type { Services } from "../services.ts";
import { NO_KEYS, toKeys, type PublisherKeys } from "../publishers/keys.ts";
import { groupGrants, selectLiveGrants, type GrantRow } from "../store/d1/grants.ts";
import { selectTables, type TableRow } from "../store/d1/plugin-tables.ts";
import { selectLiveVersions, type VersionRow } from "../store/d1/plugins.ts";
import { selectPolicy, selectSwitches, type PolicyRow, type SwitchRow } from "../store/d1/policy.ts";
import { selectPublisherKeys, type PublisherKeyRow } from "../store/d1/publishers.ts";
import { readState, selectState, type HostState } from "../store/d1/state.ts";
import { toActivePlugin, type ActivePlugin } from "./active-plugin.ts";

/** The live plugins at one generation. */
export interface Snapshot {
  readonly generation: number;
  /** What is switched off, or of a publisher the policy refuses, is not among them. */
  readonly plugins: ReadonlyMap<string, ActivePlugin>;
  /** What bounds their grants. */
  readonly bounds: Bounds;
}

/** The isolate's view of the live plugins. */
export interface Registry {
  /** The live plugins now; one row is read when nothing has changed. */
  current(): Promise<Snapshot>;
  /** As `current`, but at most `maxAgeMs` old; what "revoked at the next call" rests on. */
  recent(maxAgeMs: number): Promise<Snapshot>;
  /** What was answered last, without asking; before the first, nothing runs. */
  latest(): Snapshot;
}

const NOTHING: Snapshot = { generation: 0, plugins: new Map(), bounds: HELD };

/** The rows of one generation, before flags. */
interface Loaded {
  readonly generation: number;
  readonly plugins: ReadonlyMap<string, ActivePlugin>;
  readonly policy: Bounds["policy"];
  readonly switches: readonly SwitchRow[];
  readonly keys: PublisherKeys;
}

const UNREAD: Loaded = { generation: 0, plugins: new Map(), policy: UNBOUNDED.policy, switches: [], keys: NO_KEYS };

/** A registry over the database. */
export function createRegistry(services: Services): Registry {
  const watch = createFlagWatch(services);
  let kept: Snapshot = NOTHING;
  let made: { readonly loaded: Loaded; readonly flagged: readonly string[] } = { loaded: UNREAD, flagged: [] };
  let checkedAt = 0;
  /** Readings that were begun, and the latest of them that has come to its end. */
  let begun = 0;
  let ended = 0;

  async function current(): Promise<Snapshot> {
    if (services.pluginsOff) return NOTHING;
    const number = ++begun;
    const at = services.now().getTime();
    const next = await read();
    // SECURITY: what was asked for earlier and comes later does not bring back what was taken since. (tests/host/registry.source.test.ts, "overtaken")
    if (number < ended) return kept;
    ended = number;
    // As old as the question: the answer may have taken its time.
    checkedAt = at;
    if (!next) kept = NOTHING;
    else if (kept === NOTHING || next.loaded !== made.loaded || next.flagged !== made.flagged)
      kept = toSnapshot(next.loaded, next.flagged);
    made = next ?? made;
    return kept;
  }

  /** Undefined where it cannot be known. */
  async function read(): Promise<typeof made | undefined> {
    try {
      const generation = (await readState(services.db))?.generation ?? 0;
      const loaded = generation === made.loaded.generation ? made.loaded : await load(services);
      return { loaded, flagged: await watch.current(loaded.generation) };
    } catch (error) {
      // Who may do what cannot be known now, so nothing of a plugin runs; the host goes on without.
      services.log("error", "plugins unknown", { reason: String(error) });
      return undefined;
    }
  }

  return {
    current,
    latest: () => kept,
    async recent(maxAgeMs) {
      return services.now().getTime() - checkedAt <= maxAgeMs ? kept : current();
    },
  };
}

/** One batch, which D1 runs as one transaction: the versions, grants and generation of a single moment. */
async function load(services: Services): Promise<Loaded> {
  const { db } = services;
  const [state, versions, grantRows, tableRows, policyRows, switchRows, keyRows] = await db.batch([
    selectState(db),
    selectLiveVersions(db),
    selectLiveGrants(db),
    selectTables(db),
    selectPolicy(db),
    selectSwitches(db),
    selectPublisherKeys(db),
  ]);
  const grants = groupGrants((grantRows?.results ?? []) as GrantRow[]);
  const tables = Map.groupBy((tableRows?.results ?? []) as TableRow[], (row) => row.plugin_id);
  const generation = (state?.results as HostState[] | undefined)?.[0]?.generation ?? 0;
  const plugins = new Map<string, ActivePlugin>();
  for (const row of (versions?.results ?? []) as VersionRow[]) {
    try {
      plugins.set(
        row.plugin_id,
        toActivePlugin(row, { grants: grants.get(row.plugin_id) ?? [], tables: tables.get(row.plugin_id) ?? [] }),
      );
    } catch (error) {
      // One plugin that cannot be read must not take the others down.
      services.log("error", "plugin not loaded", { plugin: row.plugin_id, reason: String(error) });
    }
  }
  const { policy, version, fault } = toPolicyInForce((policyRows?.results as PolicyRow[] | undefined)?.[0]);
  if (fault !== null) services.log("error", "policy not read, so nothing is granted", { version, fault });
  return {
    generation,
    plugins,
    policy,
    switches: (switchRows?.results ?? []) as SwitchRow[],
    keys: toKeys((keyRows?.results ?? []) as PublisherKeyRow[]),
  };
}

/** SECURITY: what is held is not there for anybody. (tests/host/kill-switch.test.ts, "everything stops") */
function toSnapshot({ generation, plugins, policy, switches, keys }: Loaded, flagged: readonly string[]): Snapshot {
  const bounds: Bounds = { policy, switches: toSwitches(switches, flagged), keys };
  const running = [...plugins].filter(([, plugin]) => findHold(bounds, plugin) === undefined);
  return { generation, plugins: new Map(running), bounds };
}
