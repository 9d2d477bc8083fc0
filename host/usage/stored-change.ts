/** What does a call change in what its plugin has stored? Said by the method's row, from the arguments alone. */

/** EmDash keeps sandboxed plugins' keys in this collection of `_plugin_storage`. */
export const KV_COLLECTION = "__kv";

/** No document is in a collection of this name: rows of the plugin's own tables, schedules and files. What they replace is not known. */
export const ELSEWHERE = "";

/** Documents that are written and deleted. One that is there is replaced. */
export interface StoredChange {
  readonly collection: string;
  readonly puts?: readonly PutDocument[];
  /** Ids. */
  readonly deletes?: readonly string[];
}

/** A document that is written; bytes of its id and its JSON in UTF-8. */
export interface PutDocument {
  readonly id: string;
  readonly bytes: number;
}

/** A document as a call writes it. `data` is JSON text. */
export function toPut({ id, data }: { readonly id: string; readonly data: string }): PutDocument {
  return { id, bytes: new TextEncoder().encode(id + data).byteLength };
}
