/** What may a plugin's call reach, so that its use is counted? The host's services, with a database and a sender that count. */
import type { Fetch, Services } from "../services.ts";
import { meterDatabase, type DatabaseMeter, type Rows } from "../store/d1/metered-database.ts";
import type { CountUse } from "./meters.ts";

/** The services, counting. `beforeQueries` is told of statements before they run, and may throw. */
export function meterServices(services: Services, count: CountUse, beforeQueries: DatabaseMeter["before"]): Services {
  const countRows = ({ read, written }: Rows): void => {
    count("rowsRead", read);
    count("rowsWritten", written);
  };
  const meter: DatabaseMeter = { before: beforeQueries, count: countRows };
  return {
    ...services,
    db: meterDatabase(services.db, meter),
    sql: meterDatabase(services.sql, meter),
    fetch: meterFetch(services.fetch, count),
  };
}

/** Counts every request that leaves, each hop of a redirect and those that fail too: address, headers and body. */
function meterFetch(fetch: Fetch, count: CountUse): Fetch {
  return async (request, bodyBytes) => {
    count("requests", 1);
    const body = bodyBytes ?? (await measureBody(request));
    const headers = [...request.headers].reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    count("bytesOut", request.url.length + headers + body);
    return fetch(request);
  };
}

/** A request does not tell the length of its body, and whoever made this one did not either; it is a short one. */
async function measureBody(request: Request): Promise<number> {
  return request.body === null ? 0 : (await request.clone().arrayBuffer()).byteLength;
}
