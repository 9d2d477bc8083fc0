/**
 * Which pages were written since the memory was last known? The wasm notes each of its own writes in a table inside its
 * memory; what the host writes has to be noted here.
 */
import { ENGINE } from "./quickjs.gen.ts";

/** Bytes of one page of the table. */
export const WRITTEN_PAGE_BYTES = 4_096;
/** A store is noted at its first byte: it may reach as far into the page that follows. */
const REACH_BYTES = 8;
const IS_WRITTEN = 1;

/** Notes a write of the host's. */
export function noteWritten(memory: Uint8Array, address: number, bytes: number): void {
  if (bytes === 0) return;
  const first = Math.floor(address / WRITTEN_PAGE_BYTES);
  const last = Math.floor((address + bytes - 1) / WRITTEN_PAGE_BYTES);
  memory.fill(IS_WRITTEN, ENGINE.writtenTable + first, ENGINE.writtenTable + last + 1);
}

/** Visits every stretch of memory that was written, in ascending order, and forgets it. */
export function takeWritten(memory: Uint8Array, visit: (from: number, to: number) => void): void {
  const table = memory.subarray(ENGINE.writtenTable, ENGINE.stackLow);
  for (let page = table.indexOf(IS_WRITTEN); page >= 0;) {
    let end = page + 1;
    while (table[end] === IS_WRITTEN) end += 1;
    visit(page * WRITTEN_PAGE_BYTES, Math.min(end * WRITTEN_PAGE_BYTES + REACH_BYTES, memory.length));
    page = table.indexOf(IS_WRITTEN, end);
  }
  table.fill(0);
}
