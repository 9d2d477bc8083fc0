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
  /** Bytes the engine has. */
  engineBytes(): number;
}
/** Allocates a linear memory of at least `initialBytes`. Until `allow` says less it may grow to the engine's maximum. */
export declare function createCappedMemory(initialBytes: number, listener: GrowthListener): CappedMemory;
