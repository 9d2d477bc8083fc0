/** Which build of QuickJS goes into the engine, and what comes out? Written by `npm run engine:bump`. */
export const PINS = {
  package: "@jitl/quickjs-ng-wasmfile-release-sync",
  version: "0.32.0",
  /** sha256 of the wasm in the package. */
  upstream: "b56fe5094b8751c47b8c32fb5ed4d75afe2dbb43412d3d983ac5d1156af456da",
  /** sha256 of the rewritten wasm. */
  engine: "3aa18d3b33f448617f37b0d7cc98d891ffadb2fd35ea137600576ea29906e3de",
} as const;
