/**
 * How does one entry run to its end? Start it, drain its jobs, then let in what the host answers, one answer or timer
 * at a time, until the guest has a result, a limit is met, or nothing can arrive any more.
 */
import type { Engine, Entered } from "../engine/engine.ts";
import { defaultLimits } from "../limits.ts";
import type { Failure, JsonText, Limits, StopReason } from "../types.ts";
import type { Answers } from "./answer.ts";
import type { CallDesk } from "./call-desk.ts";
import { parseGuestError, parseStatus } from "./status.ts";
import { toStopMessage } from "./stop-message.ts";
import { waitFor } from "./wait.ts";

export type SessionResult =
  { readonly ok: true; readonly value: JsonText } | { readonly ok: false; readonly failure: Failure };

export interface SessionParts {
  readonly name: string;
  readonly engine: Engine;
  readonly answers: Answers;
  readonly calls: CallDesk;
  readonly limits: Limits;
  readonly now: () => number;
  /** Hands over the log lines of the entry into the VM that just ended. */
  readonly deliverLogs: () => void;
}

/** @param start the entry into the VM that begins it all. */
export async function runSession(parts: SessionParts, start: () => Entered<string>): Promise<SessionResult> {
  const { engine, calls, limits } = parts;
  const { bytesIn = defaultLimits.bytesIn, bytesOut = defaultLimits.bytesOut } = limits;
  let jobsLeft = limits.jobs;
  let wallLeft = limits.wallMs;
  let entered = start();

  for (;;) {
    entered = drained(entered);
    parts.deliverLogs();
    if (entered.kind !== "value") return toFailure(parts, entered);
    // Before calls that were made are started: what is too much is not sent on.
    const traffic = engine.traffic();
    if (traffic.bytesIn > bytesIn || traffic.bytesOut > bytesOut) return stopWith(parts, "traffic");

    const status = parseStatus(entered.value);
    if (status.kind === "resolved") return { ok: true, value: status.value };
    if (status.kind === "rejected") return { ok: false, failure: { kind: "threw", error: status.error } };

    calls.start();
    if (!calls.isBusy() && status.timerMs === undefined) return stopWith(parts, "never-settled");
    const waited = await waitFor(calls, status.timerMs, wallLeft, parts.now);
    wallLeft -= waited.ms;
    if (waited.kind === "wall") return stopWith(parts, "wall");
    engine.setClock(parts.answers.pass({ kind: "clock", ms: parts.now() }).ms);
    entered = waited.kind === "timer" ? tick() : settleNext(parts);
  }

  /** How the entry stands once its jobs have run; where there are none, nothing changes. */
  function drained(before: Entered<string>): Entered<string> {
    if (before.kind !== "value") return before;
    const ran = engine.drain(jobsLeft);
    if (ran.kind !== "value") return ran;
    jobsLeft -= ran.value;
    return ran.value > 0 ? engine.call("status", []) : before;
  }

  /** Timers count as jobs, so an interval of zero ends like any other flood. */
  function tick(): Entered<string> {
    jobsLeft -= 1;
    if (jobsLeft < 0) engine.stop("jobs");
    return engine.call("tick", []);
  }
}

function settleNext({ engine, calls, answers }: SessionParts): Entered<string> {
  const arrived = calls.next();
  if (arrived === undefined) return engine.call("status", []);
  const { id, result } = answers.pass({ kind: "settle", ...arrived });
  return result.ok
    ? engine.settle(id, "resolved", result.value)
    : engine.settle(id, "rejected", toErrorJson(result.error));
}

function toErrorJson({
  name,
  code,
  message,
}: {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}): JsonText {
  return JSON.stringify({ name, code, message });
}

function stopWith(parts: SessionParts, reason: StopReason): SessionResult {
  parts.engine.stop(reason);
  return toFailure(parts, { kind: "stopped", reason });
}

/** Turns what ended an entry into the words of the embedder. */
export function toFailure(
  { name, limits }: { readonly name: string; readonly limits: Limits },
  entered: Exclude<Entered<unknown>, { readonly kind: "value" }>,
): { readonly ok: false; readonly failure: Failure } {
  if (entered.kind === "threw") return { ok: false, failure: { kind: "threw", error: parseGuestError(entered.error) } };
  const message = toStopMessage(entered.reason, name, limits);
  return { ok: false, failure: { kind: "stopped", reason: entered.reason, message } };
}
