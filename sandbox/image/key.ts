/**
 * Which image belongs to which program? The sha256 of everything that decides its bytes: the engine, the prelude, the
 * embedder's half, the bundle, and what the platform may answer while it is evaluated.
 */
import type { Limits, Program } from "../types.ts";

export interface KeyParts {
  /** See `EngineFactory.id`. */
  readonly engine: string;
  readonly prelude: readonly string[];
  /** The digest of what answers its questions. */
  readonly answers: string;
  /** What else may change an answer at top level, e.g. the platform's version. */
  readonly platform: string;
}

const encoder = new TextEncoder();

/** The limits that decide how memory is laid out. */
type Sizes = Pick<Limits, "stackBytes" | "memoryBytes">;

/** Computes keys and remembers them for as long as somebody holds the program. */
export function createImageKeys(parts: KeyParts): (program: Program, sizes: Sizes) => Promise<string> {
  const known = new WeakMap<Program, Sizes & { readonly key: string }>();
  return async (program, { stackBytes, memoryBytes }) => {
    const before = known.get(program);
    if (before?.stackBytes === stackBytes && before.memoryBytes === memoryBytes) return before.key;
    const { name, runtime, modules, bundle } = program;
    const imports = Object.entries(modules).toSorted();
    const text = JSON.stringify([parts, stackBytes, memoryBytes, name, runtime, imports, bundle]);
    const key = toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text))));
    known.set(program, { stackBytes, memoryBytes, key });
    return key;
  };
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
