/** What the bundler gives the Workers of the bench. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
declare module "bench:runtime" {
  const runtime: string;
  export default runtime;
}
declare module "bench:work" {
  const work: string;
  export default work;
}
declare module "@jitl/quickjs-wasmfile-release-sync/wasm" {
  const module: WebAssembly.Module;
  export default module;
}
declare module "bench:fixtures" {
  const fixtures: readonly import("./contender.ts").Fixture[];
  export default fixtures;
}
