/** Which build of QuickJS goes into the engine, and what comes out? Written by `npm run engine:bump`. */
import type { EngineLayout } from "./layout.ts";

export interface Pins {
  readonly package: string;
  readonly version: string;
  /** sha256 of the wasm in the package. */
  readonly upstream: string;
  /** sha256 of the rewritten wasm. */
  readonly engine: string;
  /** Names of what the build exports, separated by spaces. */
  readonly exports: string;
  readonly layout: EngineLayout;
  /** Name and signature of each function the build imports; `libc.ts` and `settings.ts` go by these names. */
  readonly imports: readonly string[];
}

export const PINS: Pins = {
  package: "@jitl/quickjs-ng-wasmfile-release-sync",
  version: "0.32.0",
  upstream: "b56fe5094b8751c47b8c32fb5ed4d75afe2dbb43412d3d983ac5d1156af456da",
  engine: "44344976c67a822304e7e2b856953751a5a55243eb544d124fc162f8c5da939e",
  exports:
    "v w x y z A B C D E F G H I J K L M N O P Q R S T U V W X Y Z _ $ aa ba ca da ea fa ga ha ia ja ka la ma na oa pa qa ra sa ta ua va wa xa ya za Aa Ba Ca Da Ea Fa Ga Ha Ia Ja Ka La Ma Na Oa Pa",
  layout: { writtenTable: 99952, stackLow: 108144, stackHigh: 632432, sbrkAddress: 96576 },
  imports: [
    "b (i32 i32 i32 i32) -> ()",
    "c (i32 i32 i32 i32) -> (i32)",
    "d (i32) -> (i32)",
    "e (i32 i32) -> (i32)",
    "f (i32 i32) -> (i32)",
    "g (i32 i32 i32 i32) -> (i32)",
    "h (i32 i32 i32) -> (i32)",
    "i (i32) -> (i32)",
    "j (i32 f64) -> (i32)",
    "k (i32) -> (i32)",
    "l () -> ()",
    "m (i64 i32) -> ()",
    "n (i32 i32 i32 i32) -> ()",
    "o (i32 i64 i32 i32) -> (i32)",
    "p () -> (f64)",
    "q (i32 i64 i32) -> (i32)",
    "r () -> ()",
    "s (i32) -> ()",
    "t (i32 i32 i32 i32 i32) -> (i32)",
    "u (i32 i32) -> ()",
  ],
};
