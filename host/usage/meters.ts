/**
 * What of a plugin's use is measured in amounts? Meters add up what was used and are forgotten hour by hour; gauges say
 * what is stored at this moment. Each is one row here, with its words.
 */

/** What is said of a meter or a gauge. */
export interface Measure {
  /** One unit, several of them, as people read it. */
  readonly unit: string;
  /** What an author or administrator can do about too much of it. */
  readonly fix: string;
}

/** Amounts that are used up. */
export const METERS = {
  rowsRead: { unit: "rows read", fix: "Read fewer rows: by key, by an indexed field, page by page." },
  rowsWritten: { unit: "rows written", fix: "Write less often, and several documents in one call." },
  requests: { unit: "requests sent", fix: "Send fewer requests, or keep their answers." },
  bytesOut: { unit: "bytes sent to the network", fix: "Send less with each request." },
  logs: { unit: "log lines", fix: "Log less." },
  fuel: { unit: "units of fuel", fix: "Do less work in each entry, or run it less often." },
  aiTokens: { unit: "AI tokens", fix: "Ask for shorter answers, or less often." },
} as const satisfies Readonly<Record<string, Measure>>;

/** The name of a meter. */
export type MeterName = keyof typeof METERS;

/** Every meter there is. */
export const METER_NAMES = Object.keys(METERS) as readonly MeterName[];

/** Amounts that stay until they are deleted. */
export const GAUGES = {
  rowsStored: { unit: "rows stored", fix: "Delete what is no longer needed." },
  bytesStored: { unit: "bytes stored", fix: "Delete what is no longer needed, or store less with each document." },
  kvKeys: { unit: "kv keys", fix: "Delete keys, or keep lists in ctx.storage." },
} as const satisfies Readonly<Record<string, Measure>>;

/** The name of a gauge. */
export type GaugeName = keyof typeof GAUGES;

/** Every gauge there is. */
export const GAUGE_NAMES = Object.keys(GAUGES) as readonly GaugeName[];

/** What one plugin has stored. */
export type Stored = Readonly<Record<GaugeName, number>>;

/** Some of one plugin's use. */
export interface Amount {
  readonly plugin: string;
  readonly meter: MeterName;
  readonly amount: number;
}

/** Counts use. `amount` in the meter's unit; parts of a unit are rounded. */
export type CountUse = (meter: MeterName, amount: number) => void;
