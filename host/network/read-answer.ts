/**
 * Reads the body of an answer, whole and bounded: at most so many bytes, only into room that was taken before, and not
 * longer than its caller waits. What a server declares is a hint, never believed.
 */
import { fail, ok, type Result } from "../result.ts";

/** What reading may use. */
export interface ReadOptions {
  readonly mostBytes: number;
  /** Takes room for so many bytes; false where there is none. Negative gives back. */
  readonly takeRoom: (bytes: number) => boolean;
  readonly signal: AbortSignal;
}

/** Why there is no body; `aborted` means that the signal was. */
export type ReadFailure = "too-large" | "no-room" | "aborted" | "broken";

/** Bytes that are made room for where no length is declared; doubled when they are full. */
const FIRST_BYTES = 64 * 1024;

/** The bytes. Room is taken for their buffer, whatever part of it they fill; a failure gives all of it back. */
export async function readAnswer(response: Response, options: ReadOptions): Promise<Result<Uint8Array, ReadFailure>> {
  const { mostBytes, takeRoom, signal } = options;
  const declared = Number(response.headers.get("content-length") ?? Number.NaN);
  const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined;
  if (!reader) return ok(new Uint8Array(0));

  let buffer = new Uint8Array(0);
  let length = 0;
  const grow = (wanted: number): boolean => {
    if (!takeRoom(wanted - buffer.length)) return false;
    const larger = new Uint8Array(wanted);
    larger.set(buffer.subarray(0, length));
    buffer = larger;
    return true;
  };
  const end = (reason: ReadFailure): Result<Uint8Array, ReadFailure> => {
    // Not awaited: the server has a say in when that ends.
    reader.cancel().catch(() => {});
    takeRoom(-buffer.length);
    return fail(reason);
  };

  if (declared > mostBytes) return end("too-large");
  const first = Number.isSafeInteger(declared) && declared >= 0 ? declared : FIRST_BYTES;
  if (!grow(Math.min(first, mostBytes))) return end("no-room");
  const aborted = whenAborted(signal);
  try {
    for (;;) {
      // SECURITY: a server that stops in the middle is given up like one that never answers. (tests/host/bodies.test.ts, "trickles")
      const { done, value } = await Promise.race([reader.read(), aborted]);
      if (done) return ok(buffer.subarray(0, length));
      const total = length + value.length;
      if (total > mostBytes) return end("too-large");
      if (total > buffer.length && !grow(Math.min(mostBytes, Math.max(total, buffer.length * 2))))
        return end("no-room");
      buffer.set(value, length);
      length = total;
    }
  } catch {
    return end(signal.aborted ? "aborted" : "broken");
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  // Nobody may be waiting any more when it comes.
  aborted.catch(() => {});
  return aborted;
}
