/**
 * When do the guest's timers fire? Only within an entry, when the host says that the earliest is due; at the entry's
 * end all are dropped. The host keeps none of them, so a flood of timers costs only the guest's memory.
 */
import { isAtTopLevel } from "./phase.ts";
import {
  apply,
  dateNow,
  ErrorClass,
  floor,
  MapClass,
  mapClear,
  mapDelete,
  mapForEach,
  mapSet,
  max,
  mapGet,
  TypeErrorClass,
} from "./primordials.ts";

interface Timer {
  readonly callback: (...args: unknown[]) => unknown;
  readonly args: readonly unknown[];
  readonly every: number | undefined;
  due: number;
}

const timers = new MapClass<number, Timer>();
const LONGEST_MS = 2_147_483_647;
let lastId = 0;

function start(name: string, callback: unknown, ms: unknown, isRepeating: boolean, args: readonly unknown[]): number {
  // SECURITY: a string would be code (tests/sandbox/dynamic-code.test.ts).
  if (typeof callback !== "function")
    throw new TypeErrorClass(`Cannot call ${name}: the first argument must be a function.`);
  if (isAtTopLevel())
    throw new ErrorClass(
      `Cannot call ${name} at top level: not allowed before an entry runs. Call it in a hook or route.`,
    );
  const asked = floor(+(ms as number));
  const delay = asked > 0 && asked <= LONGEST_MS ? asked : 0;
  lastId += 1;
  const timer = {
    __proto__: null,
    callback: callback as Timer["callback"],
    args,
    every: isRepeating ? max(1, delay) : undefined,
    due: dateNow() + delay,
  };
  mapSet(timers, lastId, timer as Timer);
  return lastId;
}

/** Milliseconds until the earliest timer is due, or undefined when there is none. */
export function untilNextTimer(): number | undefined {
  const first = mapGet(timers, earliest());
  return first === undefined ? undefined : max(0, first.due - dateNow());
}

/** Runs the earliest timer; the host comes again for the next, so that promise jobs run in between. */
export function runEarliestTimer(): void {
  const id = earliest();
  const timer = mapGet(timers, id);
  if (timer === undefined) return;
  if (timer.every === undefined) mapDelete(timers, id);
  else timer.due = max(dateNow(), timer.due) + timer.every;
  try {
    apply(timer.callback, undefined, timer.args as unknown[]);
  } catch {
    // As in a Worker a timer that throws ends nothing but itself.
  }
}

export function dropTimers(): void {
  mapClear(timers);
}

/** Its id; of two due at once the one set first. Zero when there is none. */
function earliest(): number {
  let earliestId = 0;
  let due = 0;
  mapForEach(timers, (timer, id) => {
    if (earliestId !== 0 && timer.due >= due) return;
    earliestId = id;
    due = timer.due;
  });
  return earliestId;
}

function clear(id: unknown): void {
  if (typeof id === "number" && mapGet(timers, id) !== undefined) mapDelete(timers, id);
}

export const timerGlobals = {
  setTimeout: (callback: unknown, ms?: unknown, ...args: unknown[]) => start("setTimeout", callback, ms, false, args),
  setInterval: (callback: unknown, ms?: unknown, ...args: unknown[]) => start("setInterval", callback, ms, true, args),
  clearTimeout: (id: unknown) => clear(id),
  clearInterval: (id: unknown) => clear(id),
};
