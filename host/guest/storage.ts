/** `ctx.storage.<collection>`: the collection becomes the first argument of a `storage.*` host call. */
import type { GuestSandbox } from "../../sandbox/types.ts";
import { MapClass, mapSet, ProxyClass } from "./built-ins.ts";

type Entries = readonly (readonly [string, unknown])[];

/** The object behind `ctx.storage`. Any name gives a collection; the host says whether it is declared. */
export function createStorage({ call }: GuestSandbox): Record<string, unknown> {
  return new ProxyClass({} as Record<string, unknown>, {
    get: (_, collection) => (typeof collection === "string" ? createCollection(call, collection) : undefined),
  });
}

function createCollection(call: GuestSandbox["call"], collection: string): Record<string, unknown> {
  return {
    get: (id: unknown) => call("storage.get", [collection, id]),
    put: (id: unknown, data: unknown) => call("storage.put", [collection, id, data]),
    delete: (id: unknown) => call("storage.delete", [collection, id]),
    exists: (id: unknown) => call("storage.exists", [collection, id]),
    getMany: async (ids: unknown) => toMap((await call("storage.getMany", [collection, ids])) as Entries),
    putMany: (items: unknown) => call("storage.putMany", [collection, items]),
    deleteMany: (ids: unknown) => call("storage.deleteMany", [collection, ids]),
    query: (options?: unknown) => call("storage.query", [collection, options ?? {}]),
    count: (where?: unknown) => call("storage.count", [collection, where ?? {}]),
    getVersioned: (id: unknown) => call("storage.getVersioned", [collection, id]),
    compareAndSet: (id: unknown, revision: unknown, data: unknown) =>
      call("storage.compareAndSet", [collection, id, revision, data]),
    compareAndDelete: (id: unknown, revision: unknown) => call("storage.compareAndDelete", [collection, id, revision]),
  };
}

function toMap(entries: Entries): Map<unknown, unknown> {
  const map = new MapClass();
  for (let index = 0; index < entries.length; index += 1) {
    const entry = entries[index] as Entries[number];
    mapSet(map, entry[0], entry[1]);
  }
  return map;
}
