/** How is something under way called off? By `AbortController` and signals that follow it, a timer, or each other. */
import { append, apply, TypeErrorClass } from "../primordials.ts";
import { timerGlobals } from "../timers.ts";
import { DomError } from "./dom-exception.ts";

type Listener = ((event: unknown) => unknown) | { handleEvent(event: unknown): unknown };
interface AbortEvent {
  readonly type: unknown;
  readonly target?: unknown;
  readonly currentTarget?: unknown;
}
interface Registered {
  readonly listener: Listener;
  readonly isOnce: boolean;
}

const KEY = {};
const { setTimeout } = timerGlobals;

/** Aborts a signal. Not one of its methods: only its controller may. */
let fire: (signal: AbortSignal, reason: unknown) => void;

/** A signal that only `fire` aborts. */
export function createSignal(): AbortSignal {
  return new AbortSignal(KEY);
}

export class AbortSignal {
  #isAborted = false;
  #reason: unknown;
  #listeners: Registered[] = [];
  onabort: ((event: unknown) => unknown) | null = null;

  constructor(key?: unknown) {
    if (key !== KEY) throw new TypeErrorClass("Cannot create an AbortSignal: use new AbortController().signal.");
  }
  static {
    fire = (signal, reason) => {
      if (signal.#isAborted) return;
      signal.#isAborted = true;
      signal.#reason = reason === undefined ? new DomError("The operation was aborted.", "AbortError") : reason;
      signal.#dispatch({ type: "abort", target: signal, currentTarget: signal });
    };
  }
  static abort(reason?: unknown): AbortSignal {
    const signal = createSignal();
    fire(signal, reason);
    return signal;
  }
  static timeout(ms: unknown): AbortSignal {
    const signal = createSignal();
    setTimeout(() => fire(signal, new DomError("The operation timed out.", "TimeoutError")), ms);
    return signal;
  }
  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const combined = createSignal();
    for (const signal of signals) {
      if (signal.#isAborted) {
        fire(combined, signal.#reason);
        break;
      }
      append(signal.#listeners, { listener: () => fire(combined, signal.#reason), isOnce: true });
    }
    return combined;
  }

  get aborted(): boolean {
    return this.#isAborted;
  }
  get reason(): unknown {
    return this.#reason;
  }
  throwIfAborted(): void {
    if (this.#isAborted) throw this.#reason;
  }
  addEventListener(type: unknown, listener: Listener | null, options?: { readonly once?: unknown }): void {
    if (type !== "abort" || listener === null || listener === undefined) return;
    for (let index = 0; index < this.#listeners.length; index += 1)
      if ((this.#listeners[index] as Registered).listener === listener) return;
    append(this.#listeners, { listener, isOnce: !!options?.once });
  }
  removeEventListener(type: unknown, listener: Listener | null): void {
    if (type === "abort") this.#keep((registered) => registered.listener !== listener);
  }
  dispatchEvent(event: AbortEvent): boolean {
    this.#dispatch(event);
    return true;
  }

  #dispatch(event: AbortEvent): void {
    if (event.type !== "abort") return;
    const listeners = this.#listeners;
    this.#keep((registered) => !registered.isOnce);
    if (typeof this.onabort === "function") call(this, this.onabort, event);
    for (let index = 0; index < listeners.length; index += 1)
      call(this, (listeners[index] as Registered).listener, event);
  }
  #keep(isKept: (registered: Registered) => boolean): void {
    const kept: Registered[] = [];
    for (let index = 0; index < this.#listeners.length; index += 1) {
      const registered = this.#listeners[index] as Registered;
      if (isKept(registered)) append(kept, registered);
    }
    this.#listeners = kept;
  }
}

export class AbortController {
  readonly signal: AbortSignal = createSignal();
  abort(reason?: unknown): void {
    fire(this.signal, reason);
  }
}

function call(signal: AbortSignal, listener: Listener, event: unknown): void {
  try {
    if (typeof listener === "function") apply(listener, signal, [event]);
    else listener.handleEvent(event);
  } catch {
    // A listener that throws keeps no other from hearing.
  }
}
