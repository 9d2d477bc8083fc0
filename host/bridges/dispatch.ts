/**
 * What happens between a guest's call and its answer? Fuel, method, grant, arguments, budget, quota, handler, size: in
 * this order, for every method alike. Nothing of the host's own errors reaches the guest.
 */
import { HostError } from "../errors.ts";
import { callFuel, CHAR_FUEL, isOneText, resultFuel } from "../invoke/call-fuel.ts";
import type { Result } from "../result.ts";
import type { TakenRoom } from "../usage/storage-gauge.ts";
import type { HostCallResult, Meter } from "../../sandbox/index.ts";
import { BridgeError, type BridgeCall, type BridgeMethod, type CallKind } from "./define-bridge.ts";

/** How much of each kind an invocation may use: calls, and for `compute` characters. */
export type CallBudget = Readonly<Record<CallKind, number>>;

/** The host's end of an invocation's calls. */
export interface Dispatcher {
  /** The meter is the invocation's: the host's work for a call is paid from it. */
  call(op: string, args: string, meter: Meter): Promise<HostCallResult>;
  /** Requests sent so far. */
  readonly requests: () => number;
}

/** What one call is given, and how it ends. */
export interface CallScope {
  readonly call: BridgeCall;
  readonly end: () => void;
}

/** What a dispatcher works with. */
export interface DispatcherParts {
  readonly table: ReadonlyMap<string, BridgeMethod>;
  /** Makes the scope of one call. */
  readonly openCall: (meter: Meter) => CallScope;
  readonly budget: CallBudget;
  /** Counts a call against what all plugins of the request may make; false where none is left. */
  readonly count: (kind: CallKind) => boolean;
  /** Whether the plugin's quota has room for the call, which is told how it ended; a refusal is in words for the guest. */
  readonly admit: (method: BridgeMethod, args: readonly unknown[]) => Promise<Result<TakenRoom, string>>;
  /** Writes down what the invocation is about to do outside the database; where it cannot, nothing is done. */
  readonly writeAhead: (outside: string) => Promise<void>;
}

/** A dispatcher over the table, for one invocation. */
export function createDispatcher({ table, openCall, budget, count, admit, writeAhead }: DispatcherParts): Dispatcher {
  const used: Record<CallKind, number> = { data: 0, request: 0, compute: 0 };

  /** SECURITY: paid before it is done, so that no plugin makes the host work for nothing. (tests/host/budgets.test.ts, "costs fuel by its size") */
  function pay(meter: Meter, op: string, fuel: number): void {
    const isEnough = meter.fuelLeft() >= fuel;
    meter.charge(fuel);
    if (!isEnough)
      throw new BridgeError("BUDGET_EXCEEDED", `Cannot call ctx.${op.slice(0, 64)}: no fuel is left for it`);
  }

  async function run(call: BridgeCall, op: string, args: string, meter: Meter): Promise<unknown> {
    const method = table.get(op);
    const shape = isOneText(op, args) ? "text" : PROTO_KEY.test(args) ? "guarded" : "argument";
    pay(meter, op, callFuel(op, method?.kind, args, shape));
    if (!method) throw new BridgeError("NOT_FOUND", `ctx.${op.slice(0, 64)} does not exist in this host`);
    const { capability } = method;
    // Before the arguments are looked at: who may not call at all learns nothing else.
    if (capability === null) await call.gate.assertOwn(op.slice(0, op.indexOf(".")));
    else await call.gate.assert({ capability });
    const parsed = method.args.safeParse(parseArguments(args, shape === "guarded"));
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!;
      const where = issue.path.length > 0 ? `argument ${issue.path.map(String).join(".")}` : "arguments";
      throw new BridgeError("INVALID_ARGUMENT", `Cannot call ctx.${op}: ${where}: ${issue.message}`);
    }
    const target = method.target?.(...parsed.data);
    if (capability !== null && target !== undefined) await call.gate.assert({ capability, target });
    const cost = method.cost?.(...parsed.data) ?? 1;
    if (used[method.kind] + cost > budget[method.kind]) {
      throw new BridgeError("BUDGET_EXCEEDED", `Cannot call ctx.${op}: ${describeBudget(method.kind, budget)}`);
    }
    // What costs nothing belongs to a call that was counted, and is paid for in fuel and bytes.
    if (cost > 0 && !count(method.kind)) {
      throw new BridgeError(
        "BUDGET_EXCEEDED",
        `Cannot call ctx.${op}: all plugins of this request together have made as many ${method.kind} calls as they may`,
      );
    }
    used[method.kind] += cost;
    if (method.kind === "compute") pay(meter, op, cost * CHAR_FUEL.compute);
    if (cost === 0) return method.handler(call, ...parsed.data);
    // SECURITY: the one place where quotas hold; no handler asks for itself. (tests/host/usage-limits.test.ts, "one over it is refused")
    const admitted = await admit(method, parsed.data);
    if (!admitted.ok) throw new BridgeError("QUOTA_EXCEEDED", `Cannot call ctx.${op}: ${admitted.reason}`);
    let ended: "done" | "failed" = "failed";
    try {
      const outside = method.outside?.(...parsed.data);
      if (outside !== undefined) {
        assertRunning(call, op);
        // SECURITY: whoever kills the Worker during the call does not make it unseen. (tests/production/killed.test.ts, "the row of its start is there")
        await writeAhead(`${op} ${outside}`);
        assertRunning(call, op);
      }
      const value = await method.handler(call, ...parsed.data);
      ended = "done";
      return value;
    } finally {
      admitted.value.end(ended);
    }
  }

  return {
    requests: () => used.request,
    async call(op, args, meter) {
      const { call, end } = openCall(meter);
      try {
        const value = JSON.stringify((await run(call, op, args, meter)) ?? null);
        meter.charge(resultFuel(op, value.length));
        return { ok: true, value };
      } catch (error) {
        return { ok: false, error: toGuestError(error, call, op) };
      } finally {
        end();
      }
    },
  };
}

/**
 * An entry may end while a call of it is still on its way here; nothing would replace the row of its start then.
 * (tests/host/start-rows.source.test.ts, "nothing is sent for an entry that is over")
 */
function assertRunning({ signal }: BridgeCall, op: string): void {
  if (signal.aborted) throw new BridgeError("FAILED", `Cannot call ctx.${op}: its invocation has ended.`);
}

function describeBudget(kind: CallKind, budget: CallBudget): string {
  return kind === "compute"
    ? `this invocation may have ${budget.compute} characters worked on`
    : `this invocation may make ${budget[kind]} ${kind} calls`;
}

/** Text that may hold the key `__proto__`, written out or with one of its letters escaped. */
const PROTO_KEY = /__proto__|\\u00[567]/i;

/** SECURITY: keys that would reach an object's prototype are dropped before anything else sees them. (tests/host/prototype-keys.test.ts, "in every argument of every bridge method") */
function parseArguments(text: string, isGuarded: boolean): unknown {
  // Looking at every name takes five times as long as parsing.
  if (!isGuarded) return JSON.parse(text);
  return JSON.parse(text, (key, value: unknown) => (key === "__proto__" ? undefined : value));
}

function toGuestError(error: unknown, call: BridgeCall, op: string): { name: string; code: string; message: string } {
  if (error instanceof BridgeError) return { name: error.name, code: error.code, message: error.message };
  // The host's own refusals are written for people and name nothing internal.
  if (error instanceof HostError && error.code !== "INTERNAL") {
    return { name: "BridgeError", code: error.code, message: error.message };
  }
  call.services.log("error", "bridge call failed", { plugin: call.plugin.id, op, error: String(error) });
  return {
    name: "BridgeError",
    code: "INTERNAL",
    message: `ctx.${op} failed inside the host; the error was logged there`,
  };
}
