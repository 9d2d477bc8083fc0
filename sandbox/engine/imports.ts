/**
 * What happens when the guest calls the host? Arguments are read as bounded text and handed to the imports of the
 * current allowance; nothing may throw through the wasm frames, so a bug is kept and raised once the VM was left.
 */
import type { GuestImports } from "./engine.ts";
import type { BorrowedPointer, Ffi, ValuePointer } from "./ffi.ts";
import type { FuelGauge } from "./fuel.ts";
import { toStopReason, type TrapState } from "./stop-reason.ts";
import type { Values } from "./values.ts";

const IDS = { call: 1, ask: 2 } as const;
const OP_CHARS = 64;
/** Fuel of one crossing, on top of what the operation itself costs. */
const CROSSING_FUEL = 500;

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

export function createImportDesk(ffi: Ffi, values: Values, fuel: FuelGauge, trapState: () => TrapState): ImportDesk {
  let imports: GuestImports | undefined;
  let messageChars = 0;
  let bug: { readonly error: unknown } | undefined;

  const at = (argv: BorrowedPointer, index: number) => ffi.QTS_ArgvGetJSValueConstPointer(argv, index);

  function answer(argc: number, argv: BorrowedPointer, id: number): ValuePointer | undefined {
    if (imports === undefined || fuel.stopped() !== undefined || argc < 2) return undefined;
    fuel.charge(CROSSING_FUEL);
    const op = values.read(at(argv, 0), OP_CHARS);
    const json = values.read(at(argv, 1), messageChars);
    // SECURITY: the prelude passes strings only; anything else means it was got at (tests/sandbox/primordials.test.ts).
    if (op === undefined || json === undefined) return void fuel.stop("crashed");
    const name = op.kind === "text" ? op.text : `(a name over ${OP_CHARS} characters)`;
    const fits = op.kind === "text" && json.kind === "text";
    if (id === IDS.ask)
      return values.string(fits ? imports.ask(name, json.text) : `!The argument of ${name} is too large.`);
    const call = argc > 2 ? values.toNumber(at(argv, 2)) : undefined;
    if (call === undefined) return void fuel.stop("crashed");
    imports.call(name, fits ? json.text : undefined, call);
    return undefined;
  }

  function guarded<Result>(work: () => Result): Result | undefined {
    try {
      return work();
    } catch (error) {
      const reason = toStopReason(error, trapState());
      if (reason === undefined) bug ??= { error };
      fuel.stop(reason ?? "crashed");
      return undefined;
    }
  }

  return {
    functions: () => [values.hostFunction("call", IDS.call), values.hostFunction("ask", IDS.ask)],
    connect(next, chars) {
      imports = next;
      messageChars = chars;
    },
    callFunction: (argc, argv, id) => guarded(() => answer(argc, argv, id)),
    guarded,
    rethrowBug() {
      if (bug === undefined) return;
      const { error } = bug;
      bug = undefined;
      throw error;
    },
  };
}
