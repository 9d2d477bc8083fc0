/**
 * Who may have linear memory? Instances are counted in bytes against one budget per isolate. An instance belongs to one
 * program for its life; no program holds more than its share. When memory is wanted, idle instances go first, then VMs
 * that are held but not running; whoever still finds none waits a while in its own time and is refused.
 */
import type { Engine } from "../engine/engine.ts";

export interface PoolOptions {
  /** Linear memory of all instances together. */
  readonly budgetBytes: number;
  /** The part of it one program may hold. */
  readonly shareOfProgram: number;
  /** The part of it kept for entries that a running entry waits for. */
  readonly shareOfNested: number;
  readonly now: () => number;
}

/** What is asked for. */
export interface LeaseRequest {
  /** Whose program it is: the share is counted by it. */
  readonly owner: string;
  /** The image's key: only an instance that stands there will do. */
  readonly key: string;
  readonly lane: "outer" | "nested";
  /** Linear memory of a new instance. */
  readonly bytes: number;
  readonly waitMs: number;
  readonly leaseMs: number;
  /** The lease was given up for lost; its instance is gone. */
  readonly onLost: () => void;
}

/** One instance, or room for it, for one VM. */
export interface Lease {
  /** The instance, if one stood idle; otherwise the holder boots one and attaches it. */
  readonly engine: Engine | undefined;
  attach(engine: Engine): void;
  /** Asks for more linear memory, before growing. */
  admitGrowth(bytes: number): boolean;
  /** Between entries the instance may be reclaimed; `reclaim` must then end the lease. Without it: not. */
  hold(reclaim: (() => void) | undefined): void;
  /** Gives the instance back, restored. */
  release(): void;
  /** Gives the memory back; the instance is gone. */
  drop(): void;
}

export interface Pool {
  /** Undefined when no memory came free in time. */
  lease(request: LeaseRequest): Promise<Lease | undefined>;
  stats(): { readonly linearBytes: number; readonly instances: number; readonly leased: number };
}

interface Place {
  /** When it was last leased, as a count of leases. */
  usedAt: number;
  readonly owner: string;
  readonly key: string;
  lane: "outer" | "nested";
  bytes: number;
  engine: Engine | undefined;
  isLeased: boolean;
  reclaim: (() => void) | undefined;
  expiresAt: number;
  onLost: () => void;
}

/** Milliseconds between two looks for free memory. */
const LOOK_MS = 20;

export function createPool({ budgetBytes, shareOfProgram, shareOfNested, now }: PoolOptions): Pool {
  const places = new Set<Place>();
  let leases = 0;

  function sum(matches: (place: Place) => boolean): number {
    let bytes = 0;
    for (const place of places) if (matches(place)) bytes += place.bytes;
    return bytes;
  }

  function remove(place: Place): void {
    places.delete(place);
    place.reclaim = undefined;
    place.engine?.close();
  }

  /** Makes the matching instances fit into `limit`, as far as nobody runs in them. */
  function fit(limit: number, matches: (place: Place) => boolean): boolean {
    if (sum(matches) <= limit) return true;
    const oldestFirst = [...places].toSorted((a, b) => a.usedAt - b.usedAt);
    for (const place of oldestFirst) {
      if (sum(matches) <= limit) return true;
      if (matches(place) && !place.isLeased) remove(place);
    }
    for (const place of oldestFirst) {
      if (sum(matches) <= limit) return true;
      if (!matches(place) || place.reclaim === undefined) continue;
      place.reclaim();
      remove(place);
    }
    return sum(matches) <= limit;
  }

  function admit(owner: string, lane: "outer" | "nested", bytes: number): boolean {
    // SECURITY: one plugin cannot take what the others need (tests/sandbox/pool.test.ts, "a quarter").
    return (
      fit(budgetBytes * shareOfProgram - bytes, (place) => place.owner === owner) &&
      (lane === "nested" ||
        fit(budgetBytes * (1 - shareOfNested) - bytes, (place) => place.isLeased && place.lane === "outer")) &&
      fit(budgetBytes - bytes, () => true)
    );
  }

  /** In Workers a cancelled request never runs its `finally`: what it held is given up after its time. */
  function giveUpLost(): void {
    const time = now();
    for (const place of places) {
      if (!place.isLeased || place.expiresAt >= time) continue;
      remove(place);
      place.onLost();
    }
  }

  function findIdle(key: string): Place | undefined {
    for (const place of places) if (!place.isLeased && place.key === key) return place;
    return undefined;
  }

  function take({ owner, key, lane, bytes, leaseMs, onLost }: LeaseRequest): Place | undefined {
    const idle = findIdle(key);
    // An idle instance counts already; only the lane is new to it.
    const isAdmitted =
      idle === undefined
        ? admit(owner, lane, bytes)
        : lane === "nested" ||
          fit(budgetBytes * (1 - shareOfNested) - idle.bytes, (place) => place.isLeased && place.lane === "outer");
    if (!isAdmitted) return undefined;
    const place: Place = idle ?? {
      owner,
      key,
      bytes,
      lane,
      usedAt: 0,
      engine: undefined,
      isLeased: true,
      reclaim: undefined,
      expiresAt: 0,
      onLost,
    };
    places.add(place);
    place.usedAt = leases += 1;
    place.lane = lane;
    place.isLeased = true;
    place.expiresAt = now() + leaseMs;
    place.onLost = onLost;
    return place;
  }

  function toLease(place: Place): Lease {
    return {
      engine: place.engine,
      attach(engine) {
        place.engine = engine;
        place.bytes = engine.linearBytes();
      },
      admitGrowth(bytes) {
        if (!places.has(place) || !admit(place.owner, place.lane, bytes)) return false;
        place.bytes += bytes;
        return true;
      },
      hold(reclaim) {
        place.reclaim = reclaim;
      },
      release() {
        place.isLeased = false;
        place.reclaim = undefined;
        if (place.engine === undefined) places.delete(place);
        else place.bytes = place.engine.linearBytes();
      },
      drop: () => remove(place),
    };
  }

  return {
    async lease(request) {
      const since = now();
      // By looks as well: a clock may stand still.
      for (let waited = 0; ; waited = Math.max(waited + LOOK_MS, now() - since)) {
        giveUpLost();
        const place = take(request);
        if (place !== undefined) return toLease(place);
        if (waited >= request.waitMs) return undefined;
        // In Workers a promise of one request is not to be resolved by another: who waits looks again by itself.
        await new Promise<void>((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    stats() {
      const isLeased = (place: Place) => place.isLeased;
      return { linearBytes: sum(() => true), instances: places.size, leased: [...places].filter(isLeased).length };
    },
  };
}
