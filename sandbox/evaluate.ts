/**
 * How is a program evaluated? Once, under the rules of an image: the clock stands at zero, only pure questions are
 * answered, and nothing of the outside can be taken in.
 */
import { answerAsk } from "./bridge/ask.ts";
import { toFailure } from "./bridge/session.ts";
import type { GuestImports } from "./engine/engine.ts";
import type { Limits, Usage } from "./types.ts";
import { LOG_OP, toUsage, type VmParts } from "./vm.ts";

export interface Evaluated {
  readonly parts: VmParts;
  readonly failed: ReturnType<typeof toFailure> | undefined;
  readonly usage: Usage;
}

const TOP_LEVEL_CLOCK_MS = 0;

/** Evaluates the program of `parts` in its engine, in which nothing was evaluated yet. */
export function evaluateAtTopLevel(parts: VmParts, prelude: readonly string[], limits: Limits): Evaluated {
  const { program, engine, now } = parts;
  const startedAt = now();
  engine.arm({ ...limits, imports: createTopLevelImports(parts) });
  engine.setClock(TOP_LEVEL_CLOCK_MS);
  const entered = engine.evaluate({ ...program, prelude }, limits.jobs);
  const usage = toUsage(engine, limits, 0, now() - startedAt);
  const failed = entered.kind === "value" ? undefined : toFailure({ name: program.name, limits }, entered);
  return { parts, usage, failed };
}

/** A log line has nobody to read it. */
function createTopLevelImports({ engine, answers }: VmParts): GuestImports {
  return {
    call(op) {
      if (op !== LOG_OP) engine.stop("crashed");
    },
    ask: (op, json) =>
      answers.pass({ kind: "ask", op, answer: answerAsk(op, json, "top-level", engine.charge) }).answer,
  };
}
