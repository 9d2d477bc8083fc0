/** How do kv and storage read documents? Within one size for all results, beyond which the guest is told to ask for less. */
import { getDocuments, type Place, type WrittenDocument } from "../store/d1/plugin-documents.ts";
import { TOO_LARGE } from "../store/d1/sized-page.ts";
import { BridgeError, type BridgeCall } from "./define-bridge.ts";
import { BRIDGE_LIMITS } from "./limits.ts";

/** What was read, or the refusal; `fix` says how to ask for less. */
export function orTooLarge<Documents>(read: Documents | typeof TOO_LARGE, fix: string): Documents {
  if (read !== TOO_LARGE) return read as Documents;
  throw new BridgeError("INVALID_ARGUMENT", `The result has more than ${BRIDGE_LIMITS.resultBytes} bytes. ${fix}`);
}

/** The plugin's documents with these ids, as many as one result holds. */
export async function readDocuments(
  { services }: BridgeCall,
  place: Place,
  ids: readonly string[],
): Promise<readonly WrittenDocument[]> {
  const read = await getDocuments(services.db, place, ids, BRIDGE_LIMITS.resultBytes);
  return orTooLarge(read, "Ask for fewer at once.");
}
