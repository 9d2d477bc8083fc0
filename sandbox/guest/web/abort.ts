/** How is something under way called off? By `AbortController` and signals that follow it, a timer, or each other. */
import { append, apply, TypeErrorClass } from "../primordials.ts";
import { timerGlobals } from "../timers.ts";
import { DomError } from "./dom-exception.ts";

type Listener = ((event: unknown) => unknown) | { handleEvent(event: unknown): unknown };
interface Registered {
  readonly listener: Listener;
}

const KEY = {};

export class AbortSignal {
  #isAborted = false;
  #reason: unknown;
  #listeners: Registered[] = [];
  onabort: ((event: unknown) => unknown) | null = null;

  constructor(key?: unknown) {
    if (key !== KEY) throw new TypeErrorClass("Cannot create an AbortSignal: use new AbortController().signal.");
  }
  /** For `Request`: a signal nothing aborts. */
  static never(): AbortSignal {
    return new AbortSignal(KEY);
  }
  static abort(reason?: unknown): AbortSignal {
    const signal = new AbortSignal(KEY);
    AbortSignal.fire(signal, reason);
    return signal;
  }
  static timeout(ms: unknown): AbortSignal {
    const signal = new AbortSignal(KEY);
    timerGlobals.setTimeout(
      () => AbortSignal.fire(signal, new DomError("The operation timed out.", "TimeoutError")),
      ms,
    );
    return signal;
  }
  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const combined = new AbortSignal(KEY);
    for (const signal of signals) {
      if (signal.aborted) {
        AbortSignal.fire(combined, signal.reason);
        break;
      }
      signal.addEventListener("abort", () => AbortSignal.fire(combined, signal.reason));
    }
    return combined;
  }
  /** For `AbortController` and the timers above. */
  static fire(signal: AbortSignal, reason: unknown): void {
    if (signal.#isAborted) return;
    signal.#isAborted = true;
    signal.#reason = reason === undefined ? new DomError("The operation was aborted.", "AbortError") : reason;
    const event = { type: "abort", target: signal, currentTarget: signal };
    if (typeof signal.onabort === "function") call(signal, signal.onabort, event);
    const listeners = signal.#listeners;
    signal.#listeners = [];
    for (let index = 0; index < listeners.length; index += 1)
      call(signal, (listeners[index] as Registered).listener, event);
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
  addEventListener(type: unknown, listener: Listener): void {
    if (type === "abort" && listener !== null && listener !== undefined) append(this.#listeners, { listener });
  }
  removeEventListener(type: unknown, listener: Listener): void {
    if (type !== "abort") return;
    const kept: Registered[] = [];
    for (let index = 0; index < this.#listeners.length; index += 1) {
      const registered = this.#listeners[index] as Registered;
      if (registered.listener !== listener) append(kept, registered);
    }
    this.#listeners = kept;
  }
}

export class AbortController {
  readonly signal: AbortSignal = AbortSignal.never();
  abort(reason?: unknown): void {
    AbortSignal.fire(this.signal, reason);
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
