/**
 * What does the engine's C library learn of the outside? The bridged clock and nothing else: time zone UTC, no
 * environment, no timers of the host. The one-letter import names belong to the build whose hash `build.ts` pins.
 */
/** Time as the guest sees it, in milliseconds since the epoch. */
export interface BridgedClock {
  ms: number;
}
/** Replacements for the imports that emscripten's glue would answer with the host's clock, zone and locale. */
export declare function createLibc(
  memory: WebAssembly.Memory,
  clock: BridgedClock,
): Record<string, WebAssembly.ImportValue>;
