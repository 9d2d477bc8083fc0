/** What does `queueMicrotask` run? Functions only, each as a job of its own; one that throws ends nothing but itself. */
import { queueJob, TypeErrorClass } from "../primordials.ts";

export function queueMicrotask(work: unknown): void {
  if (typeof work !== "function")
    throw new TypeErrorClass("Cannot call queueMicrotask: the argument must be a function.");
  queueJob(() => (work as () => void)());
}
