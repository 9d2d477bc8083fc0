/**
 * What does the engine's C library learn of the outside? The bridged clock and nothing else: time zone UTC, no
 * environment, no timers of the host. The one-letter import names belong to the build whose hash `build.ts` pins.
 */

import { noteWritten } from "./written.ts";

/** Time as the guest sees it, in milliseconds since the epoch. */
export interface BridgedClock {
  ms: number;
}

const SUCCESS = 0;
/** "UTC" and its closing NUL. */
const UTC_TEXT = 0x00_43_54_55;
/** An address and a length. */
const PART_BYTES = 8;
/** Ten fields of 32 bits. */
const TM_BYTES = 40;

/** Replacements for the imports that emscripten's glue would answer with the host's clock, zone and locale. */
export function createLibc(memory: WebAssembly.Memory, clock: BridgedClock): Record<string, WebAssembly.ImportValue> {
  /** A view for writing `bytes` at an address. */
  const view = (address: number, bytes: number): DataView => {
    noteWritten(new Uint8Array(memory.buffer), address, bytes);
    return new DataView(memory.buffer);
  };
  return {
    /** emscripten_date_now */
    p: () => clock.ms,
    /** _localtime_js(seconds, struct tm*) */
    m: (seconds: bigint, tm: number) => {
      writeUtc(view(tm, TM_BYTES), tm, Number(seconds));
    },
    /** _tzset_js(long* timezone, int* daylight, char* standard, char* daylightName) */
    n: (timezone: number, daylight: number, standard: number, daylightName: number) => {
      view(timezone, 4).setInt32(timezone, 0, true);
      view(daylight, 4).setInt32(daylight, 0, true);
      for (const name of [standard, daylightName]) view(name, 4).setUint32(name, UTC_TEXT, true);
    },
    /** _setitimer_js: the guest never gets a timer of the host. */
    j: () => SUCCESS,
    /** environ_sizes_get(count*, bytes*) */
    f: (count: number, bytes: number) => {
      view(count, 4).setUint32(count, 0, true);
      view(bytes, 4).setUint32(bytes, 0, true);
      return SUCCESS;
    },
    /** environ_get */
    e: () => SUCCESS,
    /** fd_write(file, parts*, count, written*): says that everything was written, and reads none of it. */
    c: (_file: number, parts: number, count: number, written: number) => {
      const to = view(written, 4);
      let bytes = 0;
      for (let part = 0; part < count; part += 1) bytes += to.getUint32(parts + part * PART_BYTES + 4, true);
      to.setUint32(written, bytes, true);
      return SUCCESS;
    },
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
