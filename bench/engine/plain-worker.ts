/**
 * What does metering cost? The engine as it comes from upstream and as it is rewritten, over the same bare FFI, doing
 * the same work. A plain engine gets the memory it asks for, a metered one the fuel.
 */
import variant from "@jitl/quickjs-wasmfile-release-sync";
import plainWasm from "@jitl/quickjs-wasmfile-release-sync/wasm";
import work from "bench:work";
import meteredWasm from "../../sandbox/engine/quickjs.gen.wasm";
import {
  createContext,
  createQuickJs,
  type Ffi,
  type QuickJsInstance,
  type QuickJsModule,
} from "../../sandbox/engine/ffi.ts";
import { createLibc } from "../../sandbox/engine/libc.ts";
import { createCappedMemory } from "../../sandbox/engine/memory.ts";
import { allocateArguments, createValues, findStringTag } from "../../sandbox/engine/values.ts";

interface Bare {
  readonly ffi: Ffi;
  readonly module: QuickJsModule;
  refuel(): void;
}

const STACK_BYTES = 256 * 1024;
const PLAIN_PAGES = 256;
const MAXIMUM_PAGES = 512;
const FUEL = 2_000_000_000;
const CLOCK = { ms: 0 };

async function metered(): Promise<Bare> {
  const memory = createCappedMemory(0, { admit: () => true, grew: () => {}, exhausted: () => {} });
  const callbacks = { callFunction: () => undefined, resolveModule: () => undefined, loadModule: () => undefined };
  const made = await createQuickJs(meteredWasm, memory, CLOCK, callbacks);
  return { ...made, refuel: () => void (made.fuel.value = FUEL) };
}

async function plain(): Promise<Bare> {
  const [Bindings, imported] = await Promise.all([variant.importFFI(), variant.importModuleLoader()]);
  let load: unknown = imported;
  while (typeof load === "object" && load !== null && "default" in load) load = load.default;
  const wasmMemory = new WebAssembly.Memory({ initial: PLAIN_PAGES, maximum: MAXIMUM_PAGES });
  const module = await (load as (options: object) => Promise<QuickJsModule>)({
    wasmMemory,
    instantiateWasm(imports: WebAssembly.Imports, onInstance: (instance: WebAssembly.Instance) => void) {
      const own = { ...imports["a"], ...createLibc(wasmMemory, CLOCK) };
      const instance = new WebAssembly.Instance(plainWasm, { ...imports, a: own });
      onInstance(instance);
      return instance.exports;
    },
  });
  return { ffi: new Bindings(module), module, refuel: () => {} };
}

/** Evaluates the work and gives a way to do a piece of it. */
function load(bare: Bare): (name: string) => string {
  bare.refuel();
  // Neither of the two looks at what only a metered engine has.
  const instance = bare as unknown as QuickJsInstance;
  const { context } = createContext(instance, STACK_BYTES);
  const values = createValues(instance, context, allocateArguments(bare.module), findStringTag(instance, context));
  const evaluate = (source: string) => {
    const value = values.evaluate(source, "work", "script");
    if (values.exceptionOf(value) !== undefined) throw new Error("Cannot do the work: it threw.");
    const text = values.read(value, 1_000);
    values.free(value);
    return text?.kind === "text" ? text.text : "";
  };
  evaluate(`${work};""`);
  return (name) => {
    bare.refuel();
    return evaluate(`String(bundle.${name}())`);
  };
}

const loaded = new Map<string, (name: string) => string>();

async function engineOf(name: string): Promise<(name: string) => string> {
  const known = loaded.get(name) ?? load(await (name === "plain" ? plain() : metered()));
  loaded.set(name, known);
  return known;
}

/** One call of each in turn: whatever else the machine does, it does to both. */
export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const work = searchParams.get("work") ?? "";
    const forMs = Number(searchParams.get("ms"));
    const engines = { plain: await engineOf("plain"), metered: await engineOf("metered") };
    const ms = { plain: 0, metered: 0 };
    const results = { plain: "", metered: "" };
    const start = performance.now();
    let calls = 0;
    let now = start;
    while (now - start < forMs) {
      for (const name of ["plain", "metered"] as const) {
        results[name] = engines[name](work);
        const before = now;
        now = performance.now();
        ms[name] += now - before;
      }
      calls += 1;
    }
    return Response.json({ calls, ms, results });
  },
};
