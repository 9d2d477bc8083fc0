/**
 * How does an embedder get VMs? `createSandbox` takes the compiled engine and gives `open` and `inspect`. Each of them
 * boots a pristine engine: nothing is shared between two programs, nor between two openings of one.
 */
import { createAnswers, type AnswerListener } from "./bridge/answer.ts";
import { answerAsk } from "./bridge/ask.ts";
import { toFailure } from "./bridge/session.ts";
import type { EngineFactory, GuestImports } from "./engine/engine.ts";
import { createQuickJsFactory } from "./engine/quickjs.ts";
import { prelude } from "./guest/prelude.gen.ts";
import type { HostCalls, Limits, Program, Sandbox, Usage } from "./types.ts";
import { createVm, LOG_OP, runEntry, toUsage, type VmParts } from "./vm.ts";

export interface SandboxOptions {
  /** The compiled module of `sandbox/engine/quickjs.gen.wasm`, as the platform imports it. */
  readonly wasm: WebAssembly.Module;
  /** Sees every answer of the host just before the guest does; the place to record an invocation. */
  readonly onAnswer?: AnswerListener;
  /** Milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
  /** Another engine behind the same interface. Default: QuickJS made from `wasm`. */
  readonly engines?: EngineFactory;
}

interface Evaluated {
  readonly parts: VmParts;
  readonly failed: SessionFailure | undefined;
  readonly usage: Usage;
}

type SessionFailure = ReturnType<typeof toFailure>;

const TOP_LEVEL_CLOCK_MS = 0;

/** What inspection gives a guest of the host: nothing. */
const NO_HOST: HostCalls = {
  call: async (op) => ({
    ok: false,
    error: { name: "Error", code: "TOP_LEVEL", message: `Cannot call ${op} at top level.` },
  }),
  log: () => {},
};

/**
 * @example
 * const sandbox = createSandbox({ wasm });
 * const opened = await sandbox.open(program, defaultLimits);
 * if (opened.ok) await opened.vm.invoke({ name: "hook:x", input: "{}", context: "{}" }, host, defaultLimits);
 */
export function createSandbox(options: SandboxOptions): Sandbox {
  const engines = options.engines ?? createQuickJsFactory(options.wasm);
  const now = options.now ?? Date.now;

  async function evaluate(program: Program, limits: Limits): Promise<Evaluated> {
    const startedAt = now();
    const engine = await engines.boot(limits);
    const parts = { program, engine, answers: createAnswers(options.onAnswer), now };
    engine.arm({ ...limits, imports: createTopLevelImports(parts) });
    engine.setClock(TOP_LEVEL_CLOCK_MS);
    const entered = engine.evaluate({ ...program, prelude }, limits.jobs);
    const usage = toUsage(engine, limits, 0, now() - startedAt);
    if (entered.kind === "value") return { parts, usage, failed: undefined };
    engine.close();
    return { parts, usage, failed: toFailure({ name: program.name, limits }, entered) };
  }

  return {
    async open(program, limits) {
      const { parts, failed } = await evaluate(program, limits);
      return failed ?? { ok: true, vm: createVm(parts) };
    },
    async inspect(program, limits) {
      const { parts, failed, usage } = await evaluate(program, limits);
      if (failed !== undefined) return { ...failed, usage };
      const outcome = await runEntry(parts, NO_HOST, limits, "top-level", () => parts.engine.call("inspect", []));
      parts.engine.close();
      return { ...outcome, usage: sum(usage, outcome.usage) };
    },
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

/** While the bundle is evaluated only pure questions are answered; a log line has nobody to read it. */
function createTopLevelImports({ engine, answers }: VmParts): GuestImports {
  return {
    call(op) {
      if (op !== LOG_OP) engine.stop("crashed");
    },
    ask: (op, json) =>
      answers.pass({ kind: "ask", op, answer: answerAsk(op, json, "top-level", engine.charge) }).answer,
  };
}
