/**
 * Which pages were written since the memory was last known? The wasm notes each of its own writes in a table inside its
 * memory; what the host writes has to be noted here.
 */
import { ENGINE } from "./quickjs.gen.ts";

const PAGE_BYTES = ENGINE.writtenPageBytes;
const IS_WRITTEN = 1;

/** Notes a write of the host's. */
export function noteWritten(memory: Uint8Array, address: number, bytes: number): void {
  if (bytes === 0) return;
  const first = Math.floor(address / PAGE_BYTES);
  const last = Math.floor((address + bytes - 1) / PAGE_BYTES);
  memory.fill(IS_WRITTEN, ENGINE.writtenTable + first, ENGINE.writtenTable + last + 1);
}

/** Visits every stretch of memory that was written, in ascending order, and forgets it. */
export function takeWritten(memory: Uint8Array, visit: (from: number, to: number) => void): void {
  const table = memory.subarray(ENGINE.writtenTable, ENGINE.writtenTable + memory.length / PAGE_BYTES);
  for (let page = table.indexOf(IS_WRITTEN); page >= 0;) {
    let end = page + 1;
    while (table[end] === IS_WRITTEN) end += 1;
    visit(page * PAGE_BYTES, Math.min(end * PAGE_BYTES + ENGINE.writtenReach, memory.length));
    page = table.indexOf(IS_WRITTEN, end);
  }
  table.fill(0);
}
