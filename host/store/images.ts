/**
 * Where are images kept between isolates? In the bucket, with KV and the data centre's cache in front; in KV alone where no
 * bucket is bound. Named by their content's key and sealed by the sandbox, so no place is trusted and a stale one is
 * harmless. A place that fails costs time and no request.
 */
import type { ImageStore } from "../../sandbox/index.ts";

/** One place for images. May fail. */
export interface ImagePlace {
  readonly name: string;
  get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

/** An image store that writes later. */
export interface Images extends ImageStore {
  /** Writes what was put since. Belongs to the end of a request, where no visitor waits for it. Never throws. */
  flush(): Promise<void>;
}

/** What an image store needs. */
export interface ImagesParts {
  /** Nearest first; the last is the origin. */
  readonly places: readonly ImagePlace[];
  readonly log: (level: "warn", message: string, data: Record<string, unknown>) => void;
}

/**
 * Bytes that may wait to be written: as much as the largest image has, the memory of an evaluation. An image beyond that
 * is made again by whoever misses it.
 */
const WAITING_BYTES = 17 * 1024 * 1024;
/** An image's key: a sha256 in hexadecimal. It becomes part of an address. */
const KEY = /^[0-9a-f]{64}$/;

interface Waiting {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly places: readonly ImagePlace[];
}

/** An image store over places. */
export function createImages({ places, log }: ImagesParts): Images {
  // Bytes, never promises: in Workers a promise of one request is not to be awaited by another.
  const waiting = new Map<string, Waiting>();

  function enqueue(key: string, bytes: Uint8Array<ArrayBuffer>, into: readonly ImagePlace[]): void {
    const already = [...waiting.values()].reduce((sum, each) => sum + each.bytes.length, 0);
    if (into.length === 0) return;
    if (already + bytes.length <= WAITING_BYTES) waiting.set(key, { bytes, places: into });
    else log("warn", "image not kept", { bytes: bytes.length, waiting: already });
  }

  return {
    async get(key) {
      if (!KEY.test(key)) return undefined;
      for (const [at, place] of places.entries()) {
        try {
          const bytes = await place.get(key);
          if (!bytes) continue;
          // Whoever asks next need not go as far.
          if (!waiting.has(key)) enqueue(key, bytes, places.slice(0, at));
          return bytes;
        } catch (error) {
          log("warn", "image not read", { place: place.name, error: String(error) });
        }
      }
      return undefined;
    },
    async put(key, bytes) {
      if (!KEY.test(key)) return;
      waiting.delete(key);
      enqueue(key, bytes, places);
    },
    async flush() {
      const taken = [...waiting];
      waiting.clear();
      for (const [key, { bytes, places: into }] of taken) {
        const written = await Promise.allSettled(into.map((place) => place.put(key, bytes)));
        for (const [i, result] of written.entries()) {
          if (result.status === "rejected")
            log("warn", "image not written", { place: into[i]!.name, error: String(result.reason) });
        }
      }
    },
  };
}
