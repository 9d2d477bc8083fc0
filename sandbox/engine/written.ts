/**
 * Which pages were written since the memory was last known? The wasm notes each of its own writes in a table inside its
 * memory; what the host writes has to be noted here.
 */
import { ENGINE } from "./quickjs.gen.ts";

const PAGE_BYTES = ENGINE.writtenPageBytes;
const IS_WRITTEN = 1;
/** As many pages as one word of the table tells of are brought back together: looking at each costs more. */
const BLOCK_BYTES = PAGE_BYTES * Int32Array.BYTES_PER_ELEMENT;
/** A visit costs as much as copying this many blocks. */
const GAP_BLOCKS = 2;

/** Notes a write of the host's. */
export function noteWritten(memory: Uint8Array, address: number, bytes: number): void {
  if (bytes === 0) return;
  const first = Math.floor(address / PAGE_BYTES);
  const last = Math.floor((address + bytes - 1) / PAGE_BYTES);
  memory.fill(IS_WRITTEN, ENGINE.writtenTable + first, ENGINE.writtenTable + last + 1);
}

/** The table of a memory, for `takeWritten`: a word for each block. Made anew for each buffer. */
export function toWrittenTable({ buffer }: Uint8Array): Int32Array {
  return new Int32Array(buffer, ENGINE.writtenTable, buffer.byteLength / BLOCK_BYTES);
}

/** Visits all stretches of memory that hold what was written, in ascending order, and forgets that it was. */
export function takeWritten(table: Int32Array, visit: (from: number, to: number) => void): void {
  let start = 0;
  let end = 0;
  for (let block = 0; block < table.length; block += 1) {
    if (table[block] === 0) continue;
    table[block] = 0;
    if (block - end > GAP_BLOCKS) {
      if (end > start) visit(start * BLOCK_BYTES, end * BLOCK_BYTES + ENGINE.writtenReach);
      start = block;
    }
    end = block + 1;
  }
  if (end > start) visit(start * BLOCK_BYTES, end * BLOCK_BYTES + ENGINE.writtenReach);
}
