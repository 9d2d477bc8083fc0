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
  package: "@jitl/quickjs-wasmfile-release-sync",
  version: "0.32.0",
  upstream: "105c3bed22d457e43e3d1c3c1c6959fda62a8fe06f0fc8a985303c3a2be72232",
  engine: "d0d50b07e255d480635d2fd1273a845d02501c5b18dee495e00cd2cf5f1c0ece",
  exports:
    "u v w x y z A B C D E F G H I J K L M N O P Q R S T U V W X Y Z _ $ aa ba ca da ea fa ga ha ia ja ka la ma na oa pa qa ra sa ta ua va wa xa ya za Aa Ba Ca Da Ea Fa Ga Ha Ia Ja Ka La Ma Na Oa",
  layout: { writtenTable: 90208, stackLow: 221280, stackHigh: 745568, sbrkAddress: 86864 },
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
    "q () -> ()",
    "r (i32) -> ()",
    "s (i32 i32 i32 i32 i32) -> (i32)",
    "t (i32 i32) -> ()",
  ],
};
