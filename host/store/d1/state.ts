/** The one row of host state: the generation, and which migration the database has reached. */

/** The newest migration this code needs. `_host_state.schema` is raised by each migration. */
export const SCHEMA = 14;

/** Host state as the database has it. */
export interface HostState {
  readonly generation: number;
  readonly schema: number;
}

/** Reads the row; null where the migrations were never applied. */
export async function readState(db: D1Database): Promise<HostState | null> {
  try {
    return await selectState(db).first<HostState>();
  } catch (error) {
    if (error instanceof Error && /no such table/.test(error.message)) return null;
    throw error;
  }
}

/** The row, for a batch that reads it together with what it numbers. */
export function selectState(db: D1Database): D1PreparedStatement {
  return db.prepare("SELECT generation, schema FROM _host_state WHERE id = 1");
}

/** Tells every isolate that plugins or grants have changed. Stands in the batch that changes them. */
export function bumpGeneration(db: D1Database): D1PreparedStatement {
  return db.prepare("UPDATE _host_state SET generation = generation + 1 WHERE id = 1");
}
