/**
 * Which host calls of an entry run, and when? Each counts against the budget, at most N are under way, the rest queue;
 * answers wait here until the session lets them into the VM, in the order they arrived. Nothing here enters the VM.
 */
import type { HostCallResult, JsonText, Limits, StopReason } from "../types.ts";

/** Runs one operation. May throw: that is a bug of the host and the guest learns nothing of it. */
export type CallHandler = (op: string, args: JsonText, signal: AbortSignal) => Promise<HostCallResult>;

export interface ArrivedAnswer {
  readonly id: number;
  readonly op: string;
  readonly result: HostCallResult;
}

export interface CallDesk {
  /** Takes a call; `args` is undefined when its text was too large. */
  add(op: string, args: JsonText | undefined, id: number): void;
  /** Starts what may run. Called outside the VM. */
  start(): void;
  next(): ArrivedAnswer | undefined;
  /** True while an answer is here. */
  isReady(): boolean;
  /** True while an answer is here or under way. */
  isBusy(): boolean;
  /** Resolves when the next answer arrives. Never rejects. */
  arrival(): Promise<void>;
  count(): number;
  /** Aborts what is under way and drops everything else. */
  close(): void;
}

/** Longest text of an error that the guest gets to read. */
const ERROR_TEXT_CHARS = 4_000;

interface QueuedCall {
  readonly op: string;
  readonly args: JsonText;
  readonly id: number;
}

export function createCallDesk(handler: CallHandler, limits: Limits, stop: (reason: StopReason) => void): CallDesk {
  /** Made for the first call: most entries make none, and aborting costs more than they do. */
  let aborter: AbortController | undefined;
  const queue: QueuedCall[] = [];
  const arrived: ArrivedAnswer[] = [];
  let queuedChars = 0;
  let calls = 0;
  let inFlight = 0;
  let isClosed = false;
  let wake: (() => void) | undefined;

  function arrive(op: string, id: number, result: HostCallResult): void {
    if (isClosed) return;
    arrived.push({ id, op, result });
    wake?.();
  }

  async function run({ op, args, id }: QueuedCall): Promise<void> {
    inFlight += 1;
    aborter ??= new AbortController();
    let result: HostCallResult;
    try {
      result = toChecked(op, await handler(op, args, aborter.signal), limits.messageChars);
    } catch {
      // SECURITY: nothing of the host's error may reach the guest (tests/sandbox/calls.test.ts).
      result = refusal("InternalError", "INTERNAL", `The host failed to answer ${op}. Try again later.`);
    }
    inFlight -= 1;
    arrive(op, id, result);
  }

  return {
    add(op, args, id) {
      if (isClosed) return;
      calls += 1;
      if (calls > limits.hostCalls) return stop("host-calls");
      if (args === undefined || queuedChars + args.length > queueRoom(limits)) {
        return arrive(op, id, tooLarge(op, "its arguments and those still queued are", limits.messageChars));
      }
      queuedChars += args.length;
      queue.push({ op, args, id });
    },
    start() {
      while (inFlight < limits.hostCallsInFlight) {
        const call = queue.shift();
        if (call === undefined) return;
        queuedChars -= call.args.length;
        void run(call);
      }
    },
    next: () => arrived.shift(),
    isReady: () => arrived.length > 0,
    isBusy: () => arrived.length > 0 || inFlight > 0 || queue.length > 0,
    arrival: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
    count: () => Math.min(calls, limits.hostCalls),
    close() {
      if (isClosed) return;
      isClosed = true;
      queue.length = 0;
      arrived.length = 0;
      if (inFlight > 0) aborter?.abort();
    },
  };
}

/** Queued arguments are host memory: as many full-sized messages as may be under way. */
function queueRoom(limits: Limits): number {
  return limits.messageChars * Math.max(1, limits.hostCallsInFlight);
}

/** Throws for what is no answer at all, as for any other bug of the host. */
function toChecked(op: string, result: HostCallResult, maxChars: number): HostCallResult {
  if (!result.ok) {
    const { name, code, message } = result.error;
    return refusal(cut(name), cut(code), cut(message));
  }
  if (typeof result.value !== "string") throw new TypeError("a host call must answer with JSON text");
  return result.value.length > maxChars ? tooLarge(op, "its result is", maxChars) : result;
}

function cut(text: string): string {
  return text.slice(0, ERROR_TEXT_CHARS);
}

function tooLarge(op: string, what: string, maxChars: number): HostCallResult {
  return refusal(
    "RangeError",
    "MESSAGE_SIZE",
    `Cannot call ${op}: ${what} over ${maxChars} characters of JSON. Send or ask for less.`,
  );
}

function refusal(name: string, code: string, message: string): HostCallResult {
  return { ok: false, error: { name, code, message } };
}
