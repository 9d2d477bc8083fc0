/**
 * Which plugins are live right now? Each isolate keeps a snapshot and compares its generation with the database's at
 * every request; "differs", never "is greater", so that a restored database is noticed too.
 */
import type { Services } from "../services.ts";
import { groupGrants, selectLiveGrants, type GrantRow } from "../store/d1/grants.ts";
import { selectTables, type TableRow } from "../store/d1/plugin-tables.ts";
import { selectLiveVersions, type VersionRow } from "../store/d1/plugins.ts";
import { readState, selectState, type HostState } from "../store/d1/state.ts";
import { toActivePlugin, type ActivePlugin } from "./active-plugin.ts";

/** The live plugins at one generation. */
export interface Snapshot {
  readonly generation: number;
  readonly plugins: ReadonlyMap<string, ActivePlugin>;
}

/** The isolate's view of the live plugins. */
export interface Registry {
  /** The live plugins now; one row is read when nothing has changed. */
  current(): Promise<Snapshot>;
  /** As `current`, but at most `maxAgeMs` old; what "revoked at the next call" rests on. */
  recent(maxAgeMs: number): Promise<Snapshot>;
}

const NOTHING: Snapshot = { generation: 0, plugins: new Map() };

/** A registry over the database. */
export function createRegistry(services: Services): Registry {
  let kept: Snapshot = NOTHING;
  let checkedAt = 0;

  async function current(): Promise<Snapshot> {
    if (services.pluginsOff) return NOTHING;
    try {
      const generation = (await readState(services.db))?.generation ?? 0;
      if (generation !== kept.generation) kept = await load(services);
    } catch (error) {
      // Who may do what cannot be known now, so nothing of a plugin runs; the host goes on without.
      services.log("error", "plugins unknown", { reason: String(error) });
      kept = NOTHING;
    }
    checkedAt = services.now().getTime();
    return kept;
  }

  return {
    current,
    async recent(maxAgeMs) {
      return services.now().getTime() - checkedAt <= maxAgeMs ? kept : current();
    },
  };
}

/** One batch, which D1 runs as one transaction: the versions, grants and generation of a single moment. */
async function load(services: Services): Promise<Snapshot> {
  const { db } = services;
  const [state, versions, grantRows, tableRows] = await db.batch([
    selectState(db),
    selectLiveVersions(db),
    selectLiveGrants(db),
    selectTables(db),
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
  return { generation, plugins };
}
