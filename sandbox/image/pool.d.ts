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
  /** The program's name: its share is counted by it. */
  readonly name: string;
  /** The image's key: only an instance that stands there will do. */
  readonly key: string;
  readonly lane: "outer" | "nested";
  /** Linear memory of a new instance. */
  readonly bytes: number;
  readonly waitMs: number;
  readonly leaseMs: number;
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
  stats(): {
    readonly linearBytes: number;
    readonly instances: number;
    readonly leased: number;
  };
}
export declare function createPool({ budgetBytes, shareOfProgram, shareOfNested, now }: PoolOptions): Pool;
