/** `ctx.storage.<collection>`: the collection becomes the first argument of a `storage.*` host call. */
import type { GuestSandbox } from "../../sandbox/types.ts";

type Entries = readonly (readonly [string, unknown])[];

/** The object behind `ctx.storage`. Any name gives a collection; the host says whether it is declared. */
export function createStorage(sandbox: GuestSandbox): Record<string, unknown> {
  return new Proxy({} as Record<string, unknown>, {
    get: (_, collection) => (typeof collection === "string" ? createCollection(sandbox, collection) : undefined),
  });
}

function createCollection(sandbox: GuestSandbox, collection: string): Record<string, unknown> {
  const call = (method: string, ...args: unknown[]): Promise<unknown> =>
    sandbox.call(`storage.${method}`, [collection, ...args]);
  return {
    get: (id: unknown) => call("get", id),
    put: (id: unknown, data: unknown) => call("put", id, data),
    delete: (id: unknown) => call("delete", id),
    exists: (id: unknown) => call("exists", id),
    getMany: async (ids: unknown) => new Map((await call("getMany", ids)) as Entries),
    putMany: (items: unknown) => call("putMany", items),
    deleteMany: (ids: unknown) => call("deleteMany", ids),
    query: (options?: unknown) => call("query", options ?? {}),
    count: (where?: unknown) => call("count", where ?? {}),
  };
}
