/**
 * How much memory may a VM take? The wasm memory's own `maximum` is the hard answer, the allowance of the current entry
 * a softer one below it, and whoever lends the memory may refuse growth. The engine is told how many pages it has by a
 * global of its own, so an instance whose memory grew once grows again by the same steps after it was restored: what an
 * entry may use, and what it costs, never depends on who was there before.
 */
import { PAGE_BYTES } from "../limits.ts";
import { ENGINE } from "./quickjs.gen.ts";

/** Grown by at least so many pages at once. */
const STEP_PAGES = 4;

/** What growth means to others. Called inside an entry; none of it may throw. */
export interface GrowthListener {
  /** May the linear memory itself grow by so many bytes? */
  admit(bytes: number): boolean;
  /** The engine has so many bytes more. */
  grew(bytes: number): void;
  /** The engine was refused memory: it has run out, whatever the guest catches. */
  exhausted(): void;
}

export interface CappedMemory {
  readonly memory: WebAssembly.Memory;
  /** Takes the engine's global, once there is an instance. */
  connect(pages: WebAssembly.Global): void;
  /** Sets the soft cap in bytes; above the hard one it has no effect. */
  allow(bytes: number): void;
  /** The engine wants this many bytes in all. `growGlue` grows the memory through emscripten's glue, which renews its views. */
  resize(wantedBytes: number, growGlue: () => boolean): boolean;
  /** Tells the engine how many bytes it has; no more than there are. */
  reset(bytes: number): void;
  /** Runs `work` while the engine gets no more memory than its heap has, which counts as nothing to have run out of. */
  withoutGrowth(work: () => void): void;
  /** Bytes the engine has. */
  engineBytes(): number;
}

/** Allocates a linear memory of at least `initialBytes`. Until `allow` says less it may grow to the engine's maximum. */
export function createCappedMemory(initialBytes: number, listener: GrowthListener): CappedMemory {
  const maximum = ENGINE.maximumPages;
  const initial = Math.max(ENGINE.minimumPages, Math.ceil(initialBytes / PAGE_BYTES));
  // SECURITY: `maximum` is what holds, QuickJS's own memory limit does not (tests/sandbox/memory.test.ts).
  const memory = new WebAssembly.Memory({ initial, maximum });
  const growForReal = memory.grow.bind(memory);
  let pages: WebAssembly.Global | undefined;
  let allowedPages: number = maximum;
  let missingPages = 0;
  let isFrozen = false;

  // The glue asks for a fifth more than it needs and for less when refused; here it gets what was decided.
  memory.grow = () => growForReal(missingPages);

  function growTo(target: number, growGlue: () => boolean): boolean {
    missingPages = target - memory.buffer.byteLength / PAGE_BYTES;
    return missingPages <= 0 || (listener.admit(missingPages * PAGE_BYTES) && growGlue());
  }

  return {
    memory,
    connect(global) {
      pages = global;
      pages.value = initial;
    },
    allow(bytes) {
      allowedPages = Math.min(maximum, Math.floor(bytes / PAGE_BYTES));
    },
    resize(wantedBytes, growGlue) {
      if (isFrozen) return false;
      const before = pages?.value ?? maximum;
      const wanted = Math.ceil(wantedBytes / PAGE_BYTES);
      const target = Math.min(Math.max(wanted, before + STEP_PAGES), Math.max(wanted, allowedPages));
      if (pages === undefined || target > allowedPages || !growTo(target, growGlue)) {
        listener.exhausted();
        return false;
      }
      pages.value = target;
      listener.grew((target - before) * PAGE_BYTES);
      return true;
    },
    reset(bytes) {
      if (pages !== undefined) pages.value = bytes / PAGE_BYTES;
    },
    withoutGrowth(work) {
      if (pages === undefined) return;
      const before = pages.value;
      isFrozen = true;
      // With no pages at all every request for more comes here.
      pages.value = 0;
      work();
      pages.value = before;
      isFrozen = false;
    },
    engineBytes: () => (pages?.value ?? initial) * PAGE_BYTES,
  };
}
