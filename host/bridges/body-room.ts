/**
 * How many bytes of bodies does an isolate hold for plugins? So many for one invocation and so many in all, beside the
 * VMs' memory. An invocation that was cut off without an end gives its room back after a time.
 */

/** Bytes. An isolate has 128 MB; the pool of VMs may take 64 of them, images 24. */
export const BODY_ROOM = {
  /** One body of the largest size each way. */
  invocation: 16 * 1024 * 1024,
  isolate: 24 * 1024 * 1024,
} as const;

/** The share of one invocation. */
export interface BodyShare {
  /** Takes room; false, and nothing taken, where there is none or the share was closed. Negative gives back. */
  take(bytes: number): boolean;
  /** Gives everything back, for good. */
  close(): void;
}

/** The room of an isolate. */
export interface BodyRoom {
  /** A share that is given up for lost after `leaseMs`. */
  open(leaseMs: number): BodyShare;
  /** Bytes taken at this moment. */
  held(): number;
}

/** An empty room. `now` in milliseconds. */
export function createBodyRoom(now: () => number): BodyRoom {
  const shares = new Set<{ bytes: number; readonly until: number }>();

  function held(): number {
    let sum = 0;
    for (const share of shares) {
      if (share.until < now()) shares.delete(share);
      else sum += share.bytes;
    }
    return sum;
  }

  return {
    held,
    open(leaseMs) {
      const share = { bytes: 0, until: now() + leaseMs };
      let isClosed = false;
      return {
        take(bytes) {
          if (isClosed) return bytes <= 0;
          const isMore = bytes > 0;
          if (isMore && (share.bytes + bytes > BODY_ROOM.invocation || held() + bytes > BODY_ROOM.isolate))
            return false;
          share.bytes += bytes;
          if (share.bytes > 0) shares.add(share);
          else shares.delete(share);
          return true;
        },
        close() {
          isClosed = true;
          shares.delete(share);
        },
      };
    },
  };
}
