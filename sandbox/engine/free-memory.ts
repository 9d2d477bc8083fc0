/**
 * What stands in memory that the allocator has free? After an evaluation mostly the remains of parsing, as much again as
 * the VM itself. Zeroed, they need no place in an image.
 */
import type { QuickJsModule } from "./ffi.ts";

const LARGEST = 2 ** 20;
const SMALLEST = 64;

/** Takes every free block there is, zeroes it and gives it back. Only while the heap cannot grow. */
export function clearFreeMemory(module: QuickJsModule): void {
  const taken: number[] = [];
  for (let bytes = LARGEST; bytes >= SMALLEST; bytes /= 2) {
    for (let block = module._malloc(bytes); block !== 0; block = module._malloc(bytes)) {
      module.HEAPU8.fill(0, block, block + bytes);
      taken.push(block);
    }
  }
  for (const block of taken) module._free(block);
}
