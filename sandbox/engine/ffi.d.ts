/**
 * How does one QuickJS come to life over its bare FFI? Loads the glue of the pinned build once per isolate and makes
 * instances of the metered wasm. Which build of QuickJS it is, is decided in this file alone.
 */
import variant from "@jitl/quickjs-ng-wasmfile-release-sync";
import { type BridgedClock } from "./libc.ts";
import type { CappedMemory } from "./memory.ts";
type FfiConstructor = Awaited<ReturnType<typeof variant.importFFI>>;
export type QuickJsModule = ConstructorParameters<FfiConstructor>[0];
export type Ffi = InstanceType<FfiConstructor>;
export type RuntimePointer = ReturnType<Ffi["QTS_NewRuntime"]>;
export type ContextPointer = ReturnType<Ffi["QTS_NewContext"]>;
/** A JSValue the driver owns and must free. */
export type ValuePointer = ReturnType<Ffi["QTS_NewObject"]>;
/** A JSValue that belongs to somebody else. */
export type BorrowedPointer = ValuePointer | ReturnType<Ffi["QTS_GetUndefined"]>;
export type TextPointer = Parameters<Ffi["QTS_NewString"]>[1];
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
/** Makes an instance over `memory`. Nothing is set up in it yet. */
export declare function createQuickJs(
  wasm: WebAssembly.Module,
  memory: CappedMemory,
  clock: BridgedClock,
  callbacks: QuickJsCallbacks,
): Promise<QuickJsInstance>;
/** Sets a runtime and a context up, with its limits in place before anything is evaluated. */
export declare function createContext(
  { ffi }: QuickJsInstance,
  stackBytes: number,
): {
  readonly runtime: RuntimePointer;
  readonly context: ContextPointer;
};
export {};
