/** What of the language does the engine do otherwise than plugins expect, or not well enough to hand it to them? */
import { installGlobals } from "./install.ts";
import { asyncMethods, copyingMethods } from "./lists.ts";
import { captureStackTrace } from "./stack.ts";

/** Runs before untrusted code does, so plain lookups are fine here. */
export function correctLanguage(): void {
  installGlobals({ captureStackTrace }, Error);
  installGlobals(asyncMethods, Array);
  installGlobals(copyingMethods, Array.prototype);
  nameEngineErrors();
  fixBuffers();
}

/** What the engine throws when its stack or a limit is at its end: a `RangeError` everywhere else. */
function nameEngineErrors(): void {
  const { InternalError } = globalThis as unknown as { readonly InternalError: { readonly prototype: object } };
  for (const key of ["name", "message", "constructor"]) Reflect.deleteProperty(InternalError.prototype, key);
  Object.setPrototypeOf(InternalError.prototype, RangeError.prototype);
  Reflect.deleteProperty(globalThis, "InternalError");
}

/** No buffer changes its size: much in the engine that reads one while a bundle's code runs has believed that once. */
function fixBuffers(): void {
  // SECURITY: a length that was checked stays true (tests/sandbox/surface-language.test.ts, "no buffer is resized").
  for (const key of ["resize", "resizable", "maxByteLength"]) Reflect.deleteProperty(ArrayBuffer.prototype, key);
}
