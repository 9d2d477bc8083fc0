/**
 * Is an entry running, or is the bundle still being evaluated? At top level nothing of the outside may be taken in: it
 * would be the same for every visitor once the VM's memory is kept as an image.
 */
import { ErrorClass } from "./primordials.ts";

let isEntry = false;

export function isAtTopLevel(): boolean {
  return !isEntry;
}

/** @param what is called. */
export function assertInEntry(what: string): void {
  if (!isEntry)
    throw new ErrorClass(
      "Cannot call " + what + " at top level: not allowed before an entry runs. Call it in a hook or route.",
    );
}

export function beginEntry(): void {
  isEntry = true;
}

export function endEntry(): void {
  isEntry = false;
}
