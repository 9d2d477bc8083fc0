/**
 * When do the guest's timers fire? Only within an entry, when the host says that the earliest is due; at the entry's
 * end all are dropped. They are kept in a heap, so a flood of timers costs the guest's memory and little else.
 */
import { assertInEntry } from "./phase.ts";
import {
  append,
  apply,
  dateNow,
  floor,
  MapClass,
  mapClear,
  mapDelete,
  mapGet,
  mapSet,
  max,
  NumberFunction,
  TypeErrorClass,
} from "./primordials.ts";

interface Timer {
  readonly id: number;
  readonly callback: (...args: unknown[]) => unknown;
  readonly args: readonly unknown[];
  readonly every: number | undefined;
  due: number;
  /** Its place in the heap. */
  at: number;
}

const timers = new MapClass<number, Timer>();
/** Each is due before the two at twice its place plus one and plus two. */
const heap: Timer[] = [];
const LONGEST_MS = 2_147_483_647;
let lastId = 0;

function start(name: string, callback: unknown, ms: unknown, isRepeating: boolean, args: readonly unknown[]): number {
  // SECURITY: a string would be code (tests/sandbox/dynamic-code.test.ts).
  if (typeof callback !== "function")
    throw new TypeErrorClass("Cannot call " + name + ": the first argument must be a function.");
  assertInEntry(name);
  const asked = floor(NumberFunction(ms));
  const delay = asked > 0 && asked <= LONGEST_MS ? asked : 0;
  lastId += 1;
  const timer = {
    __proto__: null,
    id: lastId,
    callback: callback as Timer["callback"],
    args,
    every: isRepeating ? max(1, delay) : undefined,
    due: dateNow() + delay,
    at: heap.length,
  } as Timer;
  mapSet(timers, lastId, timer);
  append(heap, timer);
  place(timer);
  return timer.id;
}

/** Milliseconds until the earliest timer is due, or undefined when there is none. */
export function untilNextTimer(): number | undefined {
  return heap.length === 0 ? undefined : max(0, (heap[0] as Timer).due - dateNow());
}

/** Runs the earliest timer; the host comes again for the next, so that promise jobs run in between. */
export function runEarliestTimer(): void {
  if (heap.length === 0) return;
  const timer = heap[0] as Timer;
  if (timer.every === undefined) remove(timer);
  else {
    timer.due = max(dateNow(), timer.due) + timer.every;
    place(timer);
  }
  try {
    apply(timer.callback, undefined, timer.args as unknown[]);
  } catch {
    // As in a Worker a timer that throws ends nothing but itself.
  }
}

export function dropTimers(): void {
  mapClear(timers);
  heap.length = 0;
}

function clear(id: unknown): void {
  const timer = mapGet(timers, NumberFunction(id));
  if (timer !== undefined) remove(timer);
}

function remove(timer: Timer): void {
  mapDelete(timers, timer.id);
  const last = heap[heap.length - 1] as Timer;
  heap.length -= 1;
  if (last === timer) return;
  put(last, timer.at);
  place(last);
}

/** Moves a timer up or down until each is in its place again. */
function place(timer: Timer): void {
  while (timer.at > 0 && isBefore(timer, heap[(timer.at - 1) >> 1] as Timer))
    swap(timer, heap[(timer.at - 1) >> 1] as Timer);
  for (;;) {
    let child = timer.at * 2 + 1;
    if (child >= heap.length) return;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Timer, heap[child] as Timer)) child += 1;
    if (!isBefore(heap[child] as Timer, timer)) return;
    swap(timer, heap[child] as Timer);
  }
}

/** Of two due at once the one set first. */
function isBefore(a: Timer, b: Timer): boolean {
  return a.due < b.due || (a.due === b.due && a.id < b.id);
}

function swap(a: Timer, b: Timer): void {
  const { at } = a;
  put(a, b.at);
  put(b, at);
}

/** Every place it writes to exists, so no setter on a prototype sees it. */
function put(timer: Timer, at: number): void {
  heap[at] = timer;
  timer.at = at;
}

export const timerGlobals = {
  setTimeout: (callback: unknown, ms?: unknown, ...args: unknown[]) => start("setTimeout", callback, ms, false, args),
  setInterval: (callback: unknown, ms?: unknown, ...args: unknown[]) => start("setInterval", callback, ms, true, args),
  clearTimeout: (id: unknown) => clear(id),
  clearInterval: (id: unknown) => clear(id),
};
