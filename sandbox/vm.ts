/**
 * What is a VM to its embedder? One engine with one program evaluated in it, entered once at a time. After any stop it
 * is over: its engine is given back and every later entry answers with the same reason.
 */
import type { Answers } from "./bridge/answer.ts";
import { answerAsk, type Phase } from "./bridge/ask.ts";
import { createCallDesk } from "./bridge/call-desk.ts";
import { createLogDesk } from "./bridge/log-desk.ts";
import { runSession, toFailure, type SessionResult } from "./bridge/session.ts";
import { answerSubtle, isSubtleOp } from "./bridge/subtle.ts";
import type { Engine, Entered, GuestImports } from "./engine/engine.ts";
import type { Entry, HostCalls, Limits, Meter, Outcome, Program, StopReason, Usage, Vm } from "./types.ts";

/** The one call nobody answers. `sandbox/guest/console.ts` is the other half. */
export const LOG_OP = "sandbox:log";
export const NO_USAGE: Usage = { fuel: 0, peakBytes: 0, hostCalls: 0, bytesIn: 0, bytesOut: 0, durationMs: 0 };

export interface VmParts {
  readonly program: Program;
  readonly engine: Engine;
  readonly answers: Answers;
  readonly now: () => number;
  /** Seed of `Math.random` for the next entry. */
  readonly seed: () => string;
}

/** Who lends the engine. */
export interface VmOwner {
  /** An entry began or ended; between them the VM may be closed at any time. */
  onIdle(isIdle: boolean): void;
  /** The engine is not used any more. */
  onEnd(): void;
}

/** Wraps an engine in which the program was evaluated. */
export function createVm(parts: VmParts, owner: VmOwner): Vm {
  const { name } = parts.program;
  /** Let go of at the end, so that an embedder who keeps the `Vm` does not keep its memory. */
  let live: VmParts | undefined = parts;
  let isRunning = false;
  let isClosed = false;
  let stoppedBy: StopReason | undefined;

  /** Entries so far; each but the first ends the one before it. */
  let entries = 0;

  function drop(): void {
    if (live === undefined) return;
    live = undefined;
    owner.onEnd();
  }

  function assertFree(entry: Entry): void {
    if (isClosed) throw new Error(`Cannot invoke ${entry.name} of ${name}: the VM is closed. Open another.`);
    if (isRunning)
      throw new Error(`Cannot invoke ${entry.name} of ${name}: an entry is running. Await it, or open another VM.`);
  }

  return {
    async invoke(entry, host, limits) {
      assertFree(entry);
      if (live === undefined) {
        return { ...toFailure({ name, limits }, { kind: "stopped", reason: stoppedBy ?? "crashed" }), usage: NO_USAGE };
      }
      isRunning = true;
      owner.onIdle(false);
      // Stays so if a bug is thrown: then nobody knows what the VM is worth.
      stoppedBy = "crashed";
      try {
        const outcome = await runEntry(live, host, limits, "entry", startOf(live, entry, limits, entries));
        entries += 1;
        stoppedBy = !outcome.ok && outcome.failure.kind === "stopped" ? outcome.failure.reason : undefined;
        return outcome;
      } finally {
        isRunning = false;
        if (isClosed || stoppedBy !== undefined) drop();
        else owner.onIdle(true);
      }
    },
    close() {
      isClosed = true;
      if (!isRunning) drop();
    },
  };
}

function startOf(
  { engine, answers, now, seed: nextSeed }: VmParts,
  entry: Entry,
  limits: Limits,
  before: number,
): () => Entered<string> {
  return () => {
    if (isTooLarge(entry, limits)) return { kind: "stopped", reason: "message-size" };
    if (before > 0) {
      const ended = engine.call("end", []);
      if (ended.kind !== "value") return ended;
    }
    engine.setClock(answers.pass({ kind: "clock", ms: now() }).ms);
    const { seed } = answers.pass({ kind: "seed", seed: nextSeed() });
    return engine.call("invoke", [`["${seed}",${JSON.stringify(entry.name)},${entry.input},${entry.context}]`]);
  };
}

/** Runs one entry or inspection; the parts that differ are the phase and how it starts. */
export async function runEntry(
  { program, engine, answers, now }: VmParts,
  host: HostCalls,
  limits: Limits,
  phase: Phase,
  start: () => Entered<string>,
): Promise<Outcome> {
  const startedAt = now();
  const logs = createLogDesk(host, limits);
  let isOver = false;
  /** What was left when the entry ended; whoever still works for it may be told until the embedder knows of the end. */
  let rest = 0;
  const meter: Meter = {
    fuelLeft: () => (isOver ? rest : engine.fuelLeft()),
    // SECURITY: a late answer must not charge whoever has the engine next (tests/sandbox/calls.test.ts, "after the end of its entry").
    charge: (fuel) => {
      if (!isOver) engine.charge(fuel);
    },
  };
  const calls = createCallDesk(
    (op, args, signal) => (isSubtleOp(op) ? answerSubtle(op, args, meter.charge) : host.call(op, args, signal, meter)),
    limits,
    engine.stop,
  );
  const imports: GuestImports = {
    call(op, json, id) {
      if (op === LOG_OP) logs.add(json);
      // SECURITY: the prelude refuses this at top level already; the host does not rely on it (tests/sandbox/isolation.test.ts).
      else if (phase === "top-level") engine.stop("crashed");
      else calls.add(op, json, id);
    },
    ask: (op, json) => answers.pass({ kind: "ask", op, answer: answerAsk(op, json, phase, engine.charge) }).answer,
  };
  engine.arm({ ...limits, imports });

  let result: SessionResult;
  try {
    result = await runSession(
      { name: program.name, engine, answers, calls, limits, now, deliverLogs: logs.deliver },
      start,
    );
  } finally {
    rest = Math.max(0, engine.fuelLeft());
    isOver = true;
    calls.close();
  }
  logs.close();
  return { ...result, usage: toUsage(engine, limits, calls.count(), now() - startedAt) };
}

/** What the engine used since it was last armed. */
export function toUsage(engine: Engine, limits: Limits, hostCalls: number, durationMs: number): Usage {
  return {
    fuel: limits.fuel - engine.fuelLeft(),
    peakBytes: engine.peakBytes(),
    hostCalls,
    ...engine.traffic(),
    durationMs: Math.max(0, durationMs),
  };
}

function isTooLarge(entry: Entry, limits: Limits): boolean {
  return [entry.name, entry.input, entry.context].some((text) => text.length > limits.messageChars);
}
