/**
 * Which image belongs to which program? The sha256 of everything that decides its bytes: the engine, the prelude, the
 * embedder's half, the bundle, and what the platform may answer while it is evaluated.
 */
import type { Program } from "../types.ts";
export interface KeyParts {
  /** See `EngineFactory.id`. */
  readonly engine: string;
  readonly prelude: string;
  /** What else may change an answer at top level, e.g. the platform's version. */
  readonly platform: string;
}
/** Computes keys and remembers them for as long as somebody holds the program. */
export declare function createImageKeys(parts: KeyParts): (program: Program, stackBytes: number) => Promise<string>;
