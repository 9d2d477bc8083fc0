/**
 * Is an entry running, or is the bundle still being evaluated? At top level nothing of the outside may be taken in: it
 * would be the same for every visitor once the VM's memory is kept as an image.
 */
let isEntry = false;

export function isAtTopLevel(): boolean {
  return !isEntry;
}

export function beginEntry(): void {
  isEntry = true;
}

export function endEntry(): void {
  isEntry = false;
}
