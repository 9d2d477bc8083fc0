import { type EngineFactory } from "./engine.ts";
/** Makes QuickJS engines of one compiled module. */
export declare function createQuickJsFactory(wasm: WebAssembly.Module): EngineFactory;
