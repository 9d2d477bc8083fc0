/**
 * How does text get into and out of a VM's linear memory? As UTF-8, measured before it is copied. Views are taken anew
 * each time, since growth detaches them; addresses come from the guest's memory and are never trusted to be in range.
 */
import type { QuickJsModule, TextPointer } from "./ffi.ts";
/** A C string in the VM's heap. */
export interface WrittenText {
  readonly pointer: TextPointer;
  /** Without the closing NUL. */
  readonly bytes: number;
}
/** Copies text into the VM; undefined when it is out of memory. The caller frees the pointer. */
export declare function writeText(module: QuickJsModule, text: string): WrittenText | undefined;
export type ReadText =
  | {
      readonly kind: "text";
      readonly text: string;
      readonly bytes: number;
    }
  | {
      readonly kind: "too-large";
    };
/** Copies a C string out of the VM, if it has at most `maxChars` characters. */
export declare function readText(module: QuickJsModule, pointer: number, maxChars: number): ReadText;
