/** How does a global get into place? Like a built-in: writable, not enumerable, and named after its property. */
export function installGlobals(globals: Readonly<Record<string, unknown>>, target: object = globalThis): void {
  for (const [name, value] of Object.entries(globals)) {
    if (typeof value === "function") Object.defineProperty(value, "name", { value: name, configurable: true });
    Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
  }
}
