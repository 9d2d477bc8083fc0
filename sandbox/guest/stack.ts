/** Where does the engine stand? `Error.captureStackTrace` as V8 has it, which the engine lacks. */
import { defineProperty, ErrorClass, getOwnPropertyDescriptor, indexOf, slice, TypeErrorClass } from "./primordials.ts";

/**
 * Writes the stack as an own property `stack`, without the frames down to that of `below`. It is found by its name, which
 * is all a stack says of a function; where no frame has it, all of them stay.
 */
export function captureStackTrace(target: object, below?: unknown): void {
  const { stack } = new ErrorClass() as { readonly stack: string };
  // The first frame is this function's.
  let start = indexOf(stack, "\n") + 1;
  if (typeof below === "function") {
    const name: unknown = getOwnPropertyDescriptor(below, "name")?.value;
    const frame = "    at " + (typeof name === "string" && name !== "" ? name : "<anonymous>") + " (";
    const at = indexOf(stack, frame, start);
    if (at >= 0) start = indexOf(stack, "\n", at) + 1;
  }
  const property = { __proto__: null, value: slice(stack, start), writable: true, configurable: true };
  if (!defineProperty(target, "stack", property as PropertyDescriptor))
    throw new TypeErrorClass("Cannot capture a stack: the object takes no property.");
}
