/**
 * How is QuickJS driven? Over pointers, without handles: every value lives for one entry, except the prelude's `enter`
 * function. Every way into the VM goes through `enterVm`, which refuses nested entries and turns traps into stops.
 */
import type { StopReason } from "../types.ts";
import {
  GUEST_OPS,
  type Allowance,
  type Engine,
  type EngineFactory,
  type EngineOptions,
  type EngineProgram,
  type Entered,
} from "./engine.ts";
import { createQuickJs, type BorrowedPointer, type QuickJsInstance, type ValuePointer } from "./ffi.ts";
import { createFuelGauge } from "./fuel.ts";
import { createImportDesk } from "./imports.ts";
import type { BridgedClock } from "./libc.ts";
import { createModuleResolver, type ModuleResolver } from "./modules.ts";
import { toStopReason } from "./stop-reason.ts";
import { writeText } from "./text.ts";
import { createValues, OutOfMemory } from "./values.ts";

/** What QuickJS says of a promise; any other value is no promise. */
const PROMISE = { pending: 0, fulfilled: 1, rejected: 2 } as const;
const PRELUDE_NAME = "bulkhead:prelude";
const RUNTIME_NAME = "bulkhead:runtime";
const ERROR_CHARS = 20_000;
/** The sign that precedes a result in the answer of `status`. */
const SIGN_CHARS = 1;

/** Leaves an entry in which guest code threw. */
class GuestThrew extends Error {
  readonly json: string;
  constructor(json: string) {
    super("guest code threw");
    this.json = json;
  }
}

/** Makes QuickJS engines of one compiled module. */
export function createQuickJsFactory(wasm: WebAssembly.Module): EngineFactory {
  return { boot: (options) => boot(wasm, options) };
}

async function boot(wasm: WebAssembly.Module, options: EngineOptions): Promise<Engine> {
  const clock: BridgedClock = { ms: 0 };
  let modules: ModuleResolver | undefined;
  let messageChars = 0;
  let isInside = false;
  let isClosed = false;
  let enterFunction: ValuePointer | undefined;

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
  const { ffi, module, memory, runtime, context } = quickJs;
  const fuel = createFuelGauge(memory.isExhausted);
  const values = createValues(quickJs);
  const desk = createImportDesk(ffi, values, fuel);
  const lastContext = module._malloc(4);

  function toCString(text: string) {
    const written = writeText(module, text);
    if (written === undefined) throw new OutOfMemory("no room for a module");
    return written.pointer;
  }

  /** The one way in. After a trap nothing of the instance is touched again: no frees, no disposal. */
  function enterVm<Value>(work: () => Value): Entered<Value> {
    const before = fuel.stopped();
    if (before !== undefined) return { kind: "stopped", reason: before };
    // SECURITY: the VM is never entered from within a host call (tests/sandbox/calls.test.ts).
    if (isInside) throw new Error("Cannot enter the VM: it is already running. Host functions may only enqueue.");
    isInside = true;
    try {
      const value = work();
      return stoppedNow() ?? { kind: "value", value };
    } catch (error) {
      if (error instanceof GuestThrew) return stoppedNow() ?? { kind: "threw", error: error.json };
      const reason = memory.isExhausted() ? "memory" : toStopReason(error);
      if (reason === undefined) throw error;
      fuel.stop(reason);
      return { kind: "stopped", reason: fuel.stopped() ?? "crashed" };
    } finally {
      isInside = false;
      desk.rethrowBug();
    }
  }

  function stoppedNow(): { readonly kind: "stopped"; readonly reason: StopReason } | undefined {
    if (memory.isExhausted()) fuel.stop("memory");
    const reason = fuel.stopped();
    return reason === undefined ? undefined : { kind: "stopped", reason };
  }

  /** The value, or out of here with the guest's error described by the prelude. */
  function unwrap(value: ValuePointer): ValuePointer {
    const thrown = values.exceptionOf(value);
    if (thrown === undefined) return value;
    values.free(value);
    if (stoppedNow() !== undefined) throw new GuestThrew("");
    throw new GuestThrew(describe(thrown));
  }

  function describe(thrown: ValuePointer): string {
    if (enterFunction === undefined)
      return JSON.stringify({ name: "Error", message: "The prelude could not be evaluated." });
    const text = invoke(GUEST_OPS.describe, [thrown], ERROR_CHARS);
    values.free(thrown);
    return text;
  }

  function invoke(op: number, args: readonly BorrowedPointer[], maxChars: number): string {
    if (enterFunction === undefined) throw new Error(`Cannot run guest op ${op}: nothing was evaluated.`);
    const opValue = values.number(op);
    const result = values.call(enterFunction, [opValue, ...args]);
    values.free(opValue);
    // Only interrupts, lack of memory and exhausted stacks get past the prelude's own catch.
    const thrown = values.exceptionOf(result);
    if (thrown !== undefined) {
      fuel.stop(memory.isExhausted() ? "memory" : "stack");
      return "";
    }
    const read = values.read(result, maxChars);
    values.free(result);
    if (read === undefined) return "";
    if (read.kind === "text") return read.text;
    fuel.stop("message-size");
    return "";
  }

  function enter(op: number, args: readonly string[]): Entered<string> {
    return enterVm(() => {
      const texts = args.map((arg) => values.string(arg));
      const text = invoke(op, texts, messageChars + SIGN_CHARS);
      if (fuel.stopped() === undefined) texts.forEach(values.free);
      return text;
    });
  }

  function drain(limit: number): Entered<number> {
    return enterVm(() => {
      let ran = 0;
      while (fuel.stopped() === undefined && ffi.QTS_IsJobPending(runtime)) {
        if (ran === limit) {
          fuel.stop("jobs");
          break;
        }
        // One at a time: a job that throws a number would be mistaken for a count of jobs.
        const result = ffi.QTS_ExecutePendingJob(
          runtime,
          1,
          lastContext as Parameters<typeof ffi.QTS_ExecutePendingJob>[2],
        );
        ran += 1;
        if (stoppedNow() !== undefined) break;
        values.free(result);
      }
      return ran;
    });
  }

  function evaluateTrusted(program: EngineProgram): void {
    const prelude = unwrap(values.evaluate(program.prelude, PRELUDE_NAME, "script"));
    enterFunction = unwrap(values.call(prelude, desk.functions()));
    const half = unwrap(values.evaluate(`(${program.runtime}\n)`, RUNTIME_NAME, "script"));
    invoke(GUEST_OPS.runtime, [half], ERROR_CHARS);
    values.free(half);
    values.free(prelude);
  }

  function acceptBundle(evaluated: ValuePointer): void {
    const namespace = unwrap(settledModule(evaluated));
    invoke(GUEST_OPS.exports, [namespace], ERROR_CHARS);
    values.free(namespace);
  }

  /** A module with top-level await evaluates to a promise of its namespace. */
  function settledModule(evaluated: ValuePointer): ValuePointer {
    const state: number = ffi.QTS_PromiseState(context, evaluated);
    if (state === PROMISE.pending) {
      throw new GuestThrew(
        JSON.stringify({
          name: "Error",
          message:
            "The bundle still awaits at top level: nothing can arrive there. Move the await into a hook or route.",
        }),
      );
    }
    if (state !== PROMISE.fulfilled && state !== PROMISE.rejected) return evaluated;
    const result = ffi.QTS_PromiseResult(context, evaluated);
    if (state === PROMISE.rejected) throw new GuestThrew(describe(result));
    return result;
  }

  return {
    arm(allowance: Allowance) {
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
      const trusted = enterVm(() => evaluateTrusted(program));
      if (trusted.kind !== "value") return trusted;
      const resolver = (modules = createModuleResolver(program));
      const evaluated = enterVm(() =>
        resolver.linking(() => unwrap(values.evaluate(program.bundle, program.name, "module"))),
      );
      if (evaluated.kind !== "value") return evaluated;
      const drained = drain(jobs);
      if (drained.kind !== "value") return drained;
      return enterVm(() => {
        acceptBundle(evaluated.value);
        return undefined;
      });
    },
    call: (op, args) => enter(GUEST_OPS[op], args),
    settle: (id, settled, json) => enter(GUEST_OPS.settle, [String(id), settled === "resolved" ? "1" : "0", json]),
    drain,
    charge: fuel.charge,
    stop: fuel.stop,
    fuelLeft: fuel.left,
    peakBytes: () => memory.memory.buffer.byteLength,
    traffic: () => ({ ...values.traffic }),
    close() {
      if (isClosed) return;
      isClosed = true;
      fuel.stop("crashed");
    },
  };
}
