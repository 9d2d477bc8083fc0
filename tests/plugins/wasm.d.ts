/** What does a `.wasm` import give? A compiled module, in Workers by themselves and in Node by `vitest.config.ts`. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
