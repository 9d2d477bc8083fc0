/**
 * How is code made of strings taken away? `eval` goes, and every function constructor is replaced on the prototype it
 * is reached through by one that only throws, so what a reviewer reads is what runs. `import()` is refused by the
 * engine's module resolver, and string timers by the timers.
 */
const GLOBALS_TAKEN = ["eval", "Atomics", "SharedArrayBuffer", "WebAssembly", "Temporal"];

/** Runs before untrusted code does, so plain lookups are fine here. */
export function takeDynamicCodeAway(): void {
  // SECURITY: every path to the four constructors (tests/sandbox/dynamic-code.test.ts).
  const samples = [() => {}, async () => {}, function* () {}, async function* () {}];
  const names = ["Function", "AsyncFunction", "GeneratorFunction", "AsyncGeneratorFunction"];
  samples.forEach((sample, index) => {
    const prototype: object = Object.getPrototypeOf(sample);
    const blocked = createBlocked(names[index] ?? "Function", prototype);
    Object.defineProperty(prototype, "constructor", {
      value: blocked,
      writable: false,
      enumerable: false,
      configurable: false,
    });
    if (index === 0)
      Object.defineProperty(globalThis, "Function", {
        value: blocked,
        writable: true,
        enumerable: false,
        configurable: true,
      });
  });
  for (const name of GLOBALS_TAKEN) Reflect.deleteProperty(globalThis, name);
  hideStackFrames();
}

/** A constructor in name only; `instanceof` keeps working through its prototype. */
function createBlocked(name: string, prototype: object): object {
  const blocked = function () {
    throw new EvalError("Cannot run code made of a string: " + name + " is not available. Write the code out.");
  };
  Object.defineProperty(blocked, "name", { value: name });
  Object.defineProperty(blocked, "prototype", { value: prototype, writable: false });
  return blocked;
}

/** A hook for stack frames would hand out the prelude's own functions. Assigning it stays possible and does nothing. */
function hideStackFrames(): void {
  Object.defineProperty(Error, "prepareStackTrace", {
    get: () => undefined,
    set: () => {},
    enumerable: false,
    configurable: false,
  });
}
