/**
 * How is QuickJS driven? Over pointers, without handles: every value lives for one entry, except the prelude's `enter`
 * function. This file puts the parts together; each of them is a file beside it.
 */
import { createDoor } from "./door.ts";
import { GUEST_OPS, type Engine, type EngineFactory, type EngineOptions, type Entered } from "./engine.ts";
import { evaluateProgram } from "./evaluate.ts";
import { createQuickJs, type QuickJsInstance } from "./ffi.ts";
import { createFuelGauge } from "./fuel.ts";
import { createGuestHalf } from "./guest-half.ts";
import { createImportDesk } from "./imports.ts";
import type { BridgedClock } from "./libc.ts";
import { createModuleResolver, type ModuleResolver } from "./modules.ts";
import { writeText } from "./text.ts";
import { createValues, OutOfMemory } from "./values.ts";

/** The sign that precedes a result in the answer of `status`. */
const SIGN_CHARS = 1;
const POINTER_BYTES = 4;

/** Makes QuickJS engines of one compiled module. */
export function createQuickJsFactory(wasm: WebAssembly.Module): EngineFactory {
  return { boot: (options) => boot(wasm, options) };
}

async function boot(wasm: WebAssembly.Module, options: EngineOptions): Promise<Engine> {
  const clock: BridgedClock = { ms: 0 };
  let modules: ModuleResolver | undefined;
  let messageChars = 0;

  // Callbacks run only once there is something to evaluate, when all of these exist.
  const quickJs: QuickJsInstance = await createQuickJs(wasm, options, clock, {
    shouldInterrupt: () => fuel.poll(),
    callFunction: (argc, argv, id) => desk.callFunction(argc, argv, id),
    resolveModule: (specifier) => desk.guarded(() => toCString(modules?.resolve(specifier) ?? specifier)),
    loadModule: (name) =>
      desk.guarded(() => {
        const loaded = modules?.source(name) ?? { ok: false, message: `Cannot import "${name}".` };
        return loaded.ok ? toCString(loaded.source) : values.throwInGuest(loaded.message);
      }),
  });
  const { ffi, module, memory, runtime } = quickJs;
  const fuel = createFuelGauge(memory.isExhausted);
  const values = createValues(quickJs);
  const desk = createImportDesk(ffi, values, fuel);
  const door = createDoor(fuel, memory, desk.rethrowBug);
  const guest = createGuestHalf(values, fuel, door);
  const lastContext = module._malloc(POINTER_BYTES) as Parameters<typeof ffi.QTS_ExecutePendingJob>[2];

  function toCString(text: string) {
    const written = writeText(module, text);
    if (written === undefined) throw new OutOfMemory("no room for a module");
    return written.pointer;
  }

  function enter(op: number, args: readonly string[]): Entered<string> {
    return door.enter(() => {
      const texts = args.map(values.string);
      const text = guest.invoke(op, texts, messageChars + SIGN_CHARS);
      if (door.stopped() === undefined) texts.forEach(values.free);
      return text;
    });
  }

  function drain(limit: number): Entered<number> {
    return door.enter(() => {
      let ran = 0;
      while (door.stopped() === undefined && ffi.QTS_IsJobPending(runtime)) {
        if (ran >= limit) {
          fuel.stop("jobs");
          break;
        }
        // One at a time: a job that throws a number would be mistaken for a count of jobs.
        const result = ffi.QTS_ExecutePendingJob(runtime, 1, lastContext);
        ran += 1;
        if (door.stopped() === undefined) values.free(result);
      }
      return ran;
    });
  }

  return {
    arm(allowance) {
      fuel.arm(allowance.fuel);
      memory.allow(allowance.memoryBytes);
      messageChars = allowance.messageChars;
      desk.connect(allowance.imports, allowance.messageChars);
      values.traffic.bytesIn = 0;
      values.traffic.bytesOut = 0;
    },
    setClock(ms) {
      clock.ms = ms;
    },
    evaluate(program, jobs) {
      modules = createModuleResolver(program);
      const parts = { quickJs, values, door, guest, modules, imports: desk.functions, drain: () => drain(jobs) };
      return evaluateProgram(parts, program);
    },
    call: (op, args) => enter(GUEST_OPS[op], args),
    settle: (id, settled, json) => enter(GUEST_OPS.settle, [String(id), settled === "resolved" ? "1" : "0", json]),
    drain,
    charge: fuel.charge,
    stop: fuel.stop,
    fuelLeft: fuel.left,
    peakBytes: () => memory.memory.buffer.byteLength,
    traffic: () => ({ ...values.traffic }),
    // Dropping the instance frees more surely than disposing of what a guest may have broken.
    close: () => fuel.stop("crashed"),
  };
}
