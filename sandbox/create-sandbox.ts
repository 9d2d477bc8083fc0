/**
 * How does an embedder get VMs? `createSandbox` takes the compiled engine and gives `open` and `inspect`. Each of them
 * boots a pristine engine: nothing is shared between two programs, nor between two openings of one.
 */
import { createAnswers, type AnswerListener } from "./bridge/answer.ts";
import { answerAsk } from "./bridge/ask.ts";
import { toFailure } from "./bridge/session.ts";
import type { Engine, EngineFactory, GuestImports } from "./engine/engine.ts";
import { createQuickJsFactory } from "./engine/quickjs.ts";
import { prelude } from "./guest/prelude.gen.ts";
import type { Failure, HostCalls, Limits, Program, Sandbox } from "./types.ts";
import { createVm, runEntry } from "./vm.ts";

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

type Opened = { readonly ok: true; readonly engine: Engine } | { readonly ok: false; readonly failure: Failure };

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

  async function evaluate(program: Program, limits: Limits): Promise<Opened> {
    const engine = await engines.boot(limits);
    engine.arm({ ...limits, imports: createTopLevelImports(engine) });
    engine.setClock(TOP_LEVEL_CLOCK_MS);
    const entered = engine.evaluate({ ...program, prelude }, limits.jobs);
    if (entered.kind === "value") return { ok: true, engine };
    engine.close();
    return toFailure({ name: program.name, limits }, entered);
  }

  return {
    async open(program, limits) {
      const opened = await evaluate(program, limits);
      if (!opened.ok) return opened;
      const answers = createAnswers(options.onAnswer);
      return { ok: true, vm: createVm({ program, engine: opened.engine, answers, now }) };
    },
    async inspect(program, limits) {
      const startedAt = now();
      const opened = await evaluate(program, limits);
      if (!opened.ok) {
        const usage = {
          fuel: 0,
          peakBytes: 0,
          hostCalls: 0,
          bytesIn: 0,
          bytesOut: 0,
          durationMs: Math.max(0, now() - startedAt),
        };
        return { ...opened, usage };
      }
      const { engine } = opened;
      const parts = { program, engine, answers: createAnswers(options.onAnswer), now };
      const outcome = await runEntry(parts, NO_HOST, limits, "top-level", () => engine.call("inspect", []));
      engine.close();
      return outcome;
    },
  };
}

/** While the bundle is evaluated only pure questions are answered; a log line has nobody to read it. */
function createTopLevelImports(engine: Engine): GuestImports {
  return {
    call(op) {
      if (op !== "sandbox:log") engine.stop("crashed");
    },
    ask: (op, json) => answerAsk(op, json, "top-level", engine.charge),
  };
}
