import type { BorrowedPointer, ValuePointer } from "./ffi.ts";
import type { FuelGauge } from "./fuel.ts";
import type { Values } from "./values.ts";
export interface GuestHalf {
  /** Evaluates the prelude, then the embedder's runtime. */
  install(prelude: string, runtime: string, imports: readonly ValuePointer[]): void;
  /** Calls `enter(op, ...args)`; an answer longer than `maxChars` stops the VM. */
  invoke(op: number, args: readonly BorrowedPointer[], maxChars: number): string;
  /** Hands over the bundle's exports. */
  accept(namespace: ValuePointer): void;
  /** The value, or out of here with the guest's error in words. */
  unwrap(value: ValuePointer): ValuePointer;
  describe(thrown: ValuePointer): string;
  /** The prelude's `enter`; undefined until it was evaluated. */
  enterFunction(): ValuePointer | undefined;
}
/** @param known the prelude's `enter`, where the memory comes from an image. */
export declare function createGuestHalf(values: Values, fuel: FuelGauge, known: ValuePointer | undefined): GuestHalf;
