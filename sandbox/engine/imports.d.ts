/**
 * What happens when the guest calls the host? Arguments are read as bounded text and handed to the imports of the
 * current allowance; nothing may throw through the wasm frames, so a bug is kept and raised once the VM was left.
 */
import type { GuestImports } from "./engine.ts";
import type { BorrowedPointer, Ffi, ValuePointer } from "./ffi.ts";
import type { FuelGauge } from "./fuel.ts";
import { type TrapState } from "./stop-reason.ts";
import type { Values } from "./values.ts";
export interface ImportDesk {
  /** The two functions the prelude is given. */
  functions(): readonly ValuePointer[];
  connect(imports: GuestImports, messageChars: number): void;
  callFunction(argc: number, argv: BorrowedPointer, id: number): ValuePointer | undefined;
  /** Runs a part of a callback so that nothing can be thrown through the wasm. */
  guarded<Result>(work: () => Result): Result | undefined;
  /** Throws what a callback could not. */
  rethrowBug(): void;
}
export declare function createImportDesk(
  ffi: Ffi,
  values: Values,
  fuel: FuelGauge,
  trapState: () => TrapState,
): ImportDesk;
