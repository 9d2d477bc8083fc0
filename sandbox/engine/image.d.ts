import type { Image } from "./engine.ts";
export interface QuickJsImage extends Image {
  /** The driver's pointers into the memory, in the order it wrote them. */
  readonly pointers: readonly number[];
  readonly stackPointer: number;
  /** Data and static variables: address 0 up to the stack. */
  readonly low: Uint8Array<ArrayBuffer>;
  /** From the heap's base; zero bytes at its end are left out. */
  readonly heap: Uint8Array<ArrayBuffer>;
}
/** Copies the VM out of its memory. */
export declare function takeImage(
  memory: Uint8Array,
  pointers: readonly number[],
  stackPointer: number,
  linearBytes: number,
): QuickJsImage;
/** Lays an image over a memory of at least its `linearBytes`. What lies above it, or was left on the stack, is zeroed. */
export declare function layImage(memory: Uint8Array, image: QuickJsImage): void;
/** The image as bytes, for keeping. */
export declare function toBytes(image: QuickJsImage): Uint8Array<ArrayBuffer>;
/** Reads what `toBytes` wrote; undefined for anything else. Its authenticity is the caller's business. */
export declare function fromBytes(bytes: Uint8Array<ArrayBuffer>): QuickJsImage | undefined;
