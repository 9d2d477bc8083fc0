/**
 * What does the engine's C library learn of the outside? The bridged clock and nothing else: time zone UTC, no
 * environment, no timers of the host. The one-letter import names belong to the build whose hash `build.ts` pins.
 */

/** Time as the guest sees it, in milliseconds since the epoch. */
export interface BridgedClock {
  ms: number;
}

const SUCCESS = 0;

/** Replacements for the imports that emscripten's glue would answer with the host's clock, zone and locale. */
export function createLibc(memory: WebAssembly.Memory, clock: BridgedClock): Record<string, WebAssembly.ImportValue> {
  const view = () => new DataView(memory.buffer);
  return {
    /** emscripten_date_now */
    p: () => clock.ms,
    /** clock_time_get(id, precision, out): nanoseconds. */
    q: (_id: number, _precision: bigint, out: number) => {
      view().setBigUint64(out, BigInt(Math.round(clock.ms * 1e6)), true);
      return SUCCESS;
    },
    /** _localtime_js(seconds, struct tm*) */
    m: (seconds: bigint, tm: number) => {
      writeUtc(view(), tm, Number(seconds));
    },
    /** _tzset_js(long* timezone, int* daylight, char* standard, char* daylightName) */
    n: (timezone: number, daylight: number, standard: number, daylightName: number) => {
      view().setInt32(timezone, 0, true);
      view().setInt32(daylight, 0, true);
      for (const name of [standard, daylightName]) new Uint8Array(memory.buffer).set([0x55, 0x54, 0x43, 0], name);
    },
    /** _setitimer_js: the guest never gets a timer of the host. */
    j: () => SUCCESS,
    /** environ_sizes_get(count*, bytes*) */
    f: (count: number, bytes: number) => {
      view().setUint32(count, 0, true);
      view().setUint32(bytes, 0, true);
      return SUCCESS;
    },
    /** environ_get */
    e: () => SUCCESS,
  };
}

/** Fills a `struct tm`: nine 32-bit fields, then the offset to UTC. */
function writeUtc(view: DataView, tm: number, seconds: number): void {
  const date = new Date(seconds * 1000);
  const yearStart = Date.UTC(date.getUTCFullYear(), 0, 1);
  const fields = [
    date.getUTCSeconds(),
    date.getUTCMinutes(),
    date.getUTCHours(),
    date.getUTCDate(),
    date.getUTCMonth(),
    date.getUTCFullYear() - 1900,
    date.getUTCDay(),
    Math.floor((date.getTime() - yearStart) / 86_400_000),
    0,
    0,
  ];
  for (const [index, field] of fields.entries()) view.setInt32(tm + 4 * index, Number.isNaN(field) ? 0 : field, true);
}
