/**
 * How does a global get into place? Like a built-in: writable, not enumerable, and named after its property; what is made
 * of a class says so where it is asked what it is.
 */
export function installGlobals(
  globals: Readonly<Record<string, unknown>>,
  target: object = globalThis,
  prefix = "",
): void {
  for (const [name, value] of Object.entries(globals)) {
    const isFunction = typeof value === "function";
    if (isFunction) Object.defineProperty(value, "name", { value: name, configurable: true });
    // Names of classes and namespaces start with a capital.
    if (/^[A-Z]/.test(name))
      Object.defineProperty(isFunction ? (value as { prototype: object }).prototype : value, Symbol.toStringTag, {
        value: prefix + name,
        configurable: true,
      });
    Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
  }
}
