/**
 * How does an embedder get VMs? `createSandbox` takes the compiled engine and gives `open`, `inspect` and `prepare`.
 * Every VM begins where its program's evaluation ended, in an instance that belongs to that program alone.
 */
import { createAnswers, type AnswerListener } from "./bridge/answer.ts";
import { askSources } from "./bridge/ask.gen.ts";
import { toFailure } from "./bridge/session.ts";
import type { Engine, EngineFactory, Image } from "./engine/engine.ts";
import { createQuickJsFactory } from "./engine/quickjs.ts";
import { evaluateAtTopLevel, type Evaluated } from "./evaluate.ts";
import { prelude } from "./guest/prelude.gen.ts";
import { createImages, type StoredImages } from "./image/images.ts";
import { createImageKeys } from "./image/key.ts";
import { createPool, type Lease, type LeaseRequest } from "./image/pool.ts";
import { defaultPool } from "./limits.ts";
import { createSeed } from "./seed.ts";
import type { HostCalls, Limits, OpenFailure, OpenOptions, Outcome, Program, Sandbox, Usage } from "./types.ts";
import { createVm, NO_USAGE, runEntry } from "./vm.ts";

export interface SandboxOptions {
  /** The compiled module of `sandbox/engine/quickjs.gen.wasm`, as the platform imports it. */
  readonly wasm: WebAssembly.Module;
  /** Sees every answer of the host just before the guest does; the place to record an invocation. */
  readonly onAnswer?: AnswerListener;
  /** Milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
  /** Seed of `Math.random` for one entry: 32 hexadecimal digits. Default: new for each entry. */
  readonly seed?: () => string;
  /** Another engine behind the same interface. Default: QuickJS made from `wasm`. */
  readonly engines?: EngineFactory;
  /** Where images outlive the isolate. Default: nowhere. */
  readonly images?: StoredImages;
  /** Changes of `defaultPool`. */
  readonly pool?: Partial<Readonly<Record<keyof typeof defaultPool, number>>>;
  /** What else decides how the platform answers while a bundle is evaluated, e.g. its compatibility date. */
  readonly platform?: string;
}

/** What inspection gives a guest of the host: nothing. */
const NO_HOST: HostCalls = {
  call: async (op) => ({
    ok: false,
    error: { name: "Error", code: "TOP_LEVEL", message: `Cannot call ${op} at top level.` },
  }),
  log: () => {},
};

interface StartedVm {
  readonly ok: true;
  readonly engine: Engine;
  readonly image: Image;
  /** What evaluating it took; undefined where its image was known. */
  readonly evaluated: Usage | undefined;
}

type Started = StartedVm | OpenFailure;

/**
 * @example
 * const sandbox = createSandbox({ wasm });
 * const opened = await sandbox.open(program, defaultLimits);
 * if (opened.ok) await opened.vm.invoke({ name: "hook:x", input: "{}", context: "{}" }, host, defaultLimits);
 */
export function createSandbox(options: SandboxOptions): Sandbox {
  const engines = options.engines ?? createQuickJsFactory(options.wasm);
  const now = options.now ?? Date.now;
  const seed = options.seed ?? createSeed;
  const { imageBytes, ...sizes } = { ...defaultPool, ...options.pool };
  const pool = createPool({ ...sizes, now });
  const images = createImages(engines, imageBytes, options.images);
  const keyOf = createImageKeys({
    engine: engines.id,
    prelude,
    answers: askSources,
    platform: options.platform ?? "",
  });

  function toRequest(key: string, { name, owner = name }: Program, asked: OpenOptions = {}): LeaseRequest {
    const { lane = "outer", waitMs = sizes.waitMs, leaseMs = sizes.leaseMs } = asked;
    return { owner, key, lane, bytes: engines.floorBytes, waitMs, leaseMs, onLost: () => {} };
  }

  /** An instance in which nothing was evaluated yet, and the program in it. */
  async function evaluate(program: Program, limits: Limits, lease: Lease): Promise<Evaluated> {
    const engine = await engines.boot({ stackBytes: limits.stackBytes, admitGrowth: lease.admitGrowth });
    return evaluateAtTopLevel(
      { program, engine, answers: createAnswers(options.onAnswer), now, seed },
      prelude,
      limits,
    );
  }

  /** Fills a lease: with the instance it came with, from an image, or by evaluating the program. */
  async function start(program: Program, limits: Limits, key: string, lease: Lease): Promise<Started> {
    const kept = images.peek(key);
    // An idle instance stands where its image was taken; without that image it cannot be brought back there again.
    if (lease.engine !== undefined && kept !== undefined)
      return { ok: true, engine: lease.engine, image: kept, evaluated: undefined };
    lease.engine?.close();
    const known = kept ?? (await images.find(key));
    if (known !== undefined) {
      if (!lease.admitGrowth(known.linearBytes - engines.floorBytes)) return busy(program, limits);
      const engine = await engines.boot({ stackBytes: limits.stackBytes, admitGrowth: lease.admitGrowth }, known);
      lease.attach(engine);
      return { ok: true, engine, image: known, evaluated: undefined };
    }
    const { parts, failed, usage } = await evaluate(program, limits, lease);
    if (failed !== undefined) return { ...failed, usage };
    const image = parts.engine.image();
    images.keep(key, image);
    lease.attach(parts.engine);
    return { ok: true, engine: parts.engine, image, evaluated: usage };
  }

  /** Gives an instance back in its first state. */
  function giveBack(lease: Lease, engine: Engine, image: Image): void {
    // SECURITY: at rest an instance holds nothing of whoever used it (tests/sandbox/image.test.ts, "what one visitor left").
    engine.restore(image);
    lease.release();
  }

  function busy({ name }: Program, limits: Limits): OpenFailure {
    return { ...toFailure({ name, limits }, { kind: "stopped", reason: "busy" }), usage: NO_USAGE };
  }

  /** Runs `work` with a lease, which ends when `work` throws. */
  async function withLease<Result>(
    limits: Limits,
    request: LeaseRequest,
    refused: () => Result,
    work: (lease: Lease) => Promise<Result>,
  ): Promise<Result> {
    if (limits.memoryBytes < engines.floorBytes) {
      throw new RangeError(
        `Cannot run ${request.owner} with memoryBytes ${limits.memoryBytes}: the engine needs at least ${engines.floorBytes}. Raise the limit.`,
      );
    }
    const lease = await pool.lease(request);
    if (lease === undefined) return refused();
    try {
      return await work(lease);
    } catch (error) {
      lease.drop();
      throw error;
    }
  }

  return {
    async open(program, limits, asked) {
      const key = await keyOf(program, limits);
      let end = (): void => {};
      const request = toRequest(key, program, asked);
      return withLease(
        limits,
        { ...request, onLost: () => end() },
        () => busy(program, limits),
        async (lease) => {
          const started = await start(program, limits, key, lease);
          if (!started.ok) {
            lease.drop();
            return started;
          }
          const { engine, image, evaluated } = started;
          if (evaluated !== undefined) await images.store(key, image);
          const answers = createAnswers(options.onAnswer);
          const parts = { program, engine, answers, now, seed };
          const vm = createVm(parts, {
            onIdle: (isIdle) => lease.hold(isIdle && asked?.onReclaim !== undefined ? end : undefined),
            onEnd: () => giveBack(lease, engine, image),
          });
          end = () => {
            vm.close();
            asked?.onReclaim?.();
          };
          return { ok: true, vm, usage: evaluated ?? NO_USAGE };
        },
      );
    },
    async inspect(program, limits) {
      const key = await keyOf(program, limits);
      const request = toRequest(`inspection of ${key}`, program);
      return withLease<Outcome>(
        limits,
        request,
        () => busy(program, limits),
        async (lease) => {
          const { parts, failed, usage } = await evaluate(program, limits, lease);
          if (failed !== undefined) {
            lease.drop();
            return { ...failed, usage };
          }
          images.keep(key, parts.engine.image());
          const outcome = await runEntry(parts, NO_HOST, limits, "top-level", () => parts.engine.call("inspect", []));
          lease.drop();
          return { ...outcome, usage: sum(usage, outcome.usage) };
        },
      );
    },
    async prepare(program, limits) {
      const key = await keyOf(program, limits);
      const kept = images.peek(key);
      if (await images.isStored(key)) return { ok: true, key, imageBytes: kept?.size ?? 0, stored: true, made: false };
      const request = toRequest(key, program);
      return withLease(
        limits,
        request,
        () => busy(program, limits),
        async (lease) => {
          const started = await start(program, limits, key, lease);
          if (!started.ok) {
            lease.drop();
            return started;
          }
          giveBack(lease, started.engine, started.image);
          const stored = await images.store(key, started.image);
          return { ok: true, key, imageBytes: started.image.size, stored, made: true };
        },
      );
    },
    stats: () => ({ budgetBytes: sizes.budgetBytes, ...pool.stats(), imageBytes: images.bytes() }),
  };
}

/** Evaluation and inspection each have the whole allowance; what they used is told together. */
function sum(first: Usage, second: Usage): Usage {
  return {
    fuel: first.fuel + second.fuel,
    peakBytes: Math.max(first.peakBytes, second.peakBytes),
    hostCalls: first.hostCalls + second.hostCalls,
    bytesIn: first.bytesIn + second.bytesIn,
    bytesOut: first.bytesOut + second.bytesOut,
    durationMs: first.durationMs + second.durationMs,
  };
}
