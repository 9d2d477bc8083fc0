/**
 * How does one QuickJS come to life over its bare FFI? Loads the glue of the pinned build once per isolate and makes
 * instances of the metered wasm. Which build of QuickJS it is, is decided in this file alone.
 */
import variant from "@jitl/quickjs-wasmfile-release-sync";
import { createLibc, type BridgedClock } from "./libc.ts";
import type { CappedMemory } from "./memory.ts";

type FfiConstructor = Awaited<ReturnType<typeof variant.importFFI>>;
type Loader = (options: object) => Promise<QuickJsModule>;
export type QuickJsModule = ConstructorParameters<FfiConstructor>[0];
export type Ffi = InstanceType<FfiConstructor>;
export type RuntimePointer = ReturnType<Ffi["QTS_NewRuntime"]>;
export type ContextPointer = ReturnType<Ffi["QTS_NewContext"]>;
/** A JSValue the driver owns and must free. */
export type ValuePointer = ReturnType<Ffi["QTS_NewObject"]>;
/** A JSValue that belongs to somebody else. */
export type BorrowedPointer = ValuePointer | ReturnType<Ffi["QTS_GetUndefined"]>;
export type TextPointer = Parameters<Ffi["QTS_NewString"]>[1];
type Callbacks = QuickJsModule["callbacks"];

/** What the wasm may call back while it runs. None of it may throw. */
export interface QuickJsCallbacks {
  /** A host function was called by the guest; `id` is the one given to `QTS_NewFunction`. */
  callFunction(argc: number, argv: BorrowedPointer, id: number): ValuePointer | undefined;
  /** Resolves an import to a name: a C string of the allocator's. */
  resolveModule(specifier: string): TextPointer | undefined;
  /** Source of a resolved import, or undefined after throwing in the guest. */
  loadModule(name: string): TextPointer | undefined;
}

export interface QuickJsInstance {
  readonly ffi: Ffi;
  readonly module: QuickJsModule;
  /** Fuel, counted down by the wasm; below zero it traps. */
  readonly fuel: WebAssembly.Global;
  readonly stackPointer: WebAssembly.Global;
  /** Pages the engine believes its memory to have. */
  readonly pages: WebAssembly.Global;
}

const NULL = 0;
/** Where a runtime keeps what is left out of compiled functions. The place belongs to the pinned build. */
const STRIP_FLAGS = 228;
/** Source and places: of trusted code nobody needs to be told the line. */
const STRIP_ALL = 3;
const ALL_INTRINSICS = 0;
const WITH_OWN_RESOLVER = 1;
/** emscripten_resize_heap: how the allocator asks for memory. The name belongs to the pinned build. */
const RESIZE_HEAP = "k";

interface Build {
  readonly load: Loader;
  readonly Ffi: FfiConstructor;
}

/** Kept as a value, not as a promise: in Workers a promise of one request may never resolve in another. */
let loadedBuild: Build | undefined;

async function loadBuild(): Promise<Build> {
  const [Ffi, imported] = await Promise.all([variant.importFFI(), variant.importModuleLoader()]);
  let load: unknown = imported;
  while (typeof load === "object" && load !== null && "default" in load) load = load.default;
  return { load: load as Loader, Ffi };
}

/** Makes an instance over `memory`. Nothing is set up in it yet. */
export async function createQuickJs(
  wasm: WebAssembly.Module,
  memory: CappedMemory,
  clock: BridgedClock,
  callbacks: QuickJsCallbacks,
): Promise<QuickJsInstance> {
  const { load, Ffi } = (loadedBuild ??= await loadBuild());
  const libc = createLibc(memory.memory, clock);
  let globals: Pick<QuickJsInstance, "fuel" | "stackPointer" | "pages"> | undefined;
  const module = await load({
    wasmMemory: memory.memory,
    // Workers refuse to compile at run time; instantiating a compiled module is allowed, synchronously as well.
    instantiateWasm(imports: WebAssembly.Imports, onInstance: (instance: WebAssembly.Instance) => void) {
      const growGlue = imports.a?.[RESIZE_HEAP] as (bytes: number) => boolean;
      const resize = (bytes: number) => (memory.resize(bytes >>> 0, () => growGlue(bytes)) ? 1 : 0);
      const own = { ...imports.a, ...libc, [RESIZE_HEAP]: resize };
      const instance = new WebAssembly.Instance(wasm, { ...imports, a: own });
      const { __fuel, __stack_pointer, __pages } = instance.exports as Readonly<Record<string, WebAssembly.Global>>;
      if (__fuel === undefined || __stack_pointer === undefined || __pages === undefined)
        throw new Error("Cannot use this wasm: it is not metered. Run `npm run build:engine`.");
      globals = { fuel: __fuel, stackPointer: __stack_pointer, pages: __pages };
      memory.connect(__pages);
      onInstance(instance);
      return instance.exports;
    },
    print: ignore,
    printErr: ignore,
  });
  if (globals === undefined) throw new Error("Cannot use this build: its glue did not instantiate the wasm.");
  module.callbacks = toEmscriptenCallbacks(callbacks);
  return { ffi: new Ffi(module), module, ...globals };
}

/** Sets a runtime and a context up, with its limits in place before anything is evaluated. */
export function createContext(
  { ffi }: QuickJsInstance,
  stackBytes: number,
): { readonly runtime: RuntimePointer; readonly context: ContextPointer } {
  const runtime = ffi.QTS_NewRuntime();
  ffi.QTS_RuntimeSetMaxStackSize(runtime, stackBytes);
  ffi.QTS_RuntimeEnableModuleLoader(runtime, WITH_OWN_RESOLVER);
  const context = ffi.QTS_NewContext(runtime, ALL_INTRINSICS as Parameters<Ffi["QTS_NewContext"]>[1]);
  return { runtime, context };
}

/**
 * Runs `work` while functions are compiled without a copy of their own source, which `toString` would tell, and without
 * line numbers and names of variables. Each has a source of its own, those within it too, so of trusted code they take as
 * much memory as all the rest.
 */
export function stripped<Result>(module: QuickJsModule, runtime: RuntimePointer, work: () => Result): Result {
  module.HEAPU8[runtime + STRIP_FLAGS] = STRIP_ALL;
  const result = work();
  module.HEAPU8[runtime + STRIP_FLAGS] = 0;
  return result;
}

function ignore(): void {}

function toEmscriptenCallbacks(callbacks: QuickJsCallbacks): Callbacks {
  type Result<Key extends keyof Callbacks> = ReturnType<Callbacks[Key]>;
  return {
    // Never enabled: the wasm meters itself.
    shouldInterrupt: () => 0,
    callFunction: (_asyncify, _context, _self, argc, argv, id) =>
      (callbacks.callFunction(argc, argv, id) ?? NULL) as Result<"callFunction">,
    normalizeModule: (_asyncify, _runtime, _context, _base, specifier) =>
      (callbacks.resolveModule(specifier) ?? NULL) as Result<"normalizeModule">,
    loadModuleSource: (_asyncify, _runtime, _context, name) =>
      (callbacks.loadModule(name) ?? NULL) as Result<"loadModuleSource">,
    freeHostRef: ignore,
  };
}
