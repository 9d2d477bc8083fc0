/**
 * How is QuickJS driven? Over pointers, without handles: every value lives for one entry, except the prelude's `enter`
 * function. This file puts the parts together; each of them is a file beside it.
 */
import { createDoor } from "./door.ts";
import { GUEST_OPS, type Engine, type EngineFactory, type EngineOptions, type Entered } from "./engine.ts";
import { evaluateProgram } from "./evaluate.ts";
import {
  createContext,
  createQuickJs,
  stripped,
  type ContextPointer,
  type RuntimePointer,
  type ValuePointer,
} from "./ffi.ts";
import { clearFreeMemory } from "./free-memory.ts";
import { createFuelGauge, MOST_FUEL } from "./fuel.ts";
import { createGuestHalf } from "./guest-half.ts";
import { fromBytes, toBytes } from "./image-file.ts";
import { layImage, restoreImage, takeImage, type QuickJsImage } from "./image.ts";
import { createImportDesk } from "./imports.ts";
import type { BridgedClock } from "./libc.ts";
import { createCappedMemory } from "./memory.ts";
import { createModuleResolver } from "./modules.ts";
import { PAGE_BYTES } from "../limits.ts";
import { ENGINE } from "./quickjs.gen.ts";
import { writeText } from "./text.ts";
import { toWrittenTable } from "./written.ts";
import {
  allocateArguments,
  createValues,
  findStringTag,
  OutOfMemory,
  PLACE_BYTES,
  type ArgumentsPointer,
} from "./values.ts";

/** The sign that precedes a result where an op says how the entry stands. */
const SIGN_CHARS = 1;
const POINTER_BYTES = 4;
/** Counts changes of what this driver expects to find in an image, but for those that show in the factory's `id`. */
const DRIVER_VERSION = 3;
/** Growth is paid for as other work on memory is: one unit for 64 bytes. */
const BYTES_PER_UNIT = 64;

/** Makes QuickJS engines of one compiled module. */
export function createQuickJsFactory(wasm: WebAssembly.Module): EngineFactory {
  return {
    id: `quickjs:${ENGINE.sha256}:${DRIVER_VERSION}:${PLACE_BYTES}:${Object.values(GUEST_OPS).join()}`,
    floorBytes: ENGINE.minimumPages * PAGE_BYTES,
    boot: (options, image) => boot(wasm, options, image as QuickJsImage | undefined),
    toBytes: (image) => toBytes(image as QuickJsImage),
    fromBytes,
  };
}

async function boot(
  wasm: WebAssembly.Module,
  options: EngineOptions,
  image: QuickJsImage | undefined,
): Promise<Engine> {
  const clock: BridgedClock = { ms: 0 };
  let modules = createModuleResolver({ modules: {} });
  let messageChars = 0;
  let isClosed = false;

  const capped = createCappedMemory(image?.linearBytes ?? 0, {
    admit: options.admitGrowth ?? (() => true),
    grew: (bytes) => fuel.charge(bytes / BYTES_PER_UNIT),
    exhausted: () => fuel.stop("memory"),
  });
  // Callbacks run only once there is something to evaluate, when all of these exist.
  const quickJs = await createQuickJs(wasm, capped, clock, {
    callFunction: (argc, argv, id) => desk.callFunction(argc, argv, id),
    resolveModule: (specifier) => desk.guarded(() => toCString(modules.resolve(specifier))),
    loadModule: (name) =>
      desk.guarded(() => {
        const loaded = modules.source(name);
        return loaded.ok ? toCString(loaded.source) : values.throwInGuest(loaded.message);
      }),
  });
  const { memory } = capped;
  const { ffi, module, stackPointer } = quickJs;
  const fuel = createFuelGauge(quickJs.fuel);
  let bytes = new Uint8Array(memory.buffer);
  let written = toWrittenTable(bytes);
  if (image !== undefined) {
    layImage(bytes, image);
    standAt(image);
  }
  const { runtime, context, argv, lastContext, stringTag, ops, enter: known } = pointersOf(image) ?? allocate();
  const values = createValues(quickJs, context, argv, stringTag);
  const trapState = () => ({ isFuelEmpty: fuel.isEmpty(), stackPointer: stackPointer.value });
  const desk = createImportDesk(ffi, values, fuel, trapState);
  const door = createDoor({ fuel, trapState, rethrowBug: desk.rethrowBug });
  const guest = createGuestHalf(values, fuel, ops, known);

  function allocate(): Pointers {
    const made = createContext(quickJs, options.stackBytes);
    return {
      ...made,
      argv: allocateArguments(module),
      lastContext: module._malloc(POINTER_BYTES) as LastContextPointer,
      stringTag: findStringTag(quickJs, made.context),
      ops: Object.values(GUEST_OPS).map((op) => ffi.QTS_NewFloat64(made.context, op)),
      enter: undefined,
    };
  }

  /** Growth makes another buffer. */
  function currentBytes(): Uint8Array {
    if (bytes.buffer !== memory.buffer) {
      bytes = new Uint8Array(memory.buffer);
      written = toWrittenTable(bytes);
    }
    return bytes;
  }

  /** Sets what stands outside the memory. */
  function standAt({ stackPointer: pointer, linearBytes }: QuickJsImage): void {
    stackPointer.value = pointer;
    capped.reset(linearBytes);
  }

  function toCString(text: string) {
    const written = writeText(module, text);
    if (written === undefined) throw new OutOfMemory("no room for a module");
    return written.pointer;
  }

  function enter(op: number, args: readonly string[]): Entered<string> {
    return door.enter(() => {
      const texts = args.map(values.string);
      const text = guest.invoke(op, texts, op === GUEST_OPS.end ? 0 : messageChars + SIGN_CHARS);
      if (fuel.stopped() === undefined) texts.forEach(values.free);
      return text;
    });
  }

  function drain(limit: number): Entered<number> {
    return door.enter(() => {
      let ran = 0;
      while (fuel.stopped() === undefined && ffi.QTS_IsJobPending(runtime)) {
        if (ran >= limit) {
          fuel.stop("jobs");
          break;
        }
        // One at a time: a job that throws a number would be mistaken for a count of jobs.
        const result = ffi.QTS_ExecutePendingJob(runtime, 1, lastContext);
        ran += 1;
        if (fuel.stopped() === undefined) values.free(result);
      }
      return ran;
    });
  }

  return {
    image() {
      const top = guest.enterFunction();
      if (top === undefined || door.isInside()) throw new Error("Cannot take an image: the VM is not at rest.");
      fuel.arm(MOST_FUEL);
      capped.withoutGrowth(() => clearFreeMemory(module));
      const pointers = [runtime, context, argv, lastContext, stringTag >>> 0, top, ...ops];
      return takeImage(currentBytes(), pointers, stackPointer.value, capped.engineBytes());
    },
    restore(to) {
      if (door.isInside()) throw new Error("Cannot restore the VM: it is running.");
      restoreImage(currentBytes(), written, to as QuickJsImage);
      standAt(to as QuickJsImage);
    },
    arm(allowance) {
      if (isClosed) return;
      fuel.arm(allowance.fuel);
      capped.allow(allowance.memoryBytes);
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
      const imports = desk.functions;
      return evaluateProgram(
        {
          ffi,
          context,
          values,
          door,
          guest,
          modules,
          imports,
          drain: () => drain(jobs),
          trusted: (work) => stripped(module, runtime, work),
        },
        program,
      );
    },
    call: (op, args) => enter(GUEST_OPS[op], args),
    settle: (id, settled, json) => enter(GUEST_OPS.settle, [String(id), settled === "resolved" ? "1" : "0", json]),
    drain,
    charge: fuel.charge,
    stop: fuel.stop,
    fuelLeft: fuel.left,
    peakBytes: capped.engineBytes,
    linearBytes: () => memory.buffer.byteLength,
    traffic: () => ({ ...values.traffic }),
    // Dropping the instance frees more surely than disposing of what a guest may have broken.
    close() {
      isClosed = true;
      fuel.stop("crashed");
    },
  };
}

type LastContextPointer = Parameters<Awaited<ReturnType<typeof createQuickJs>>["ffi"]["QTS_ExecutePendingJob"]>[2];

/** What the driver keeps outside and an image has to bring along. */
interface Pointers {
  readonly runtime: RuntimePointer;
  readonly context: ContextPointer;
  readonly argv: ArgumentsPointer;
  readonly lastContext: LastContextPointer;
  readonly stringTag: number;
  readonly ops: readonly ValuePointer[];
  readonly enter: ValuePointer | undefined;
}

function pointersOf(image: QuickJsImage | undefined): Pointers | undefined {
  if (image === undefined) return undefined;
  const [runtime, context, argv, lastContext, stringTag = 0, enter, ...ops] = image.pointers;
  return {
    runtime: runtime as RuntimePointer,
    context: context as ContextPointer,
    argv: argv as ArgumentsPointer,
    lastContext: lastContext as LastContextPointer,
    stringTag: stringTag | 0,
    ops: ops as ValuePointer[],
    enter: enter as ValuePointer,
  };
}
