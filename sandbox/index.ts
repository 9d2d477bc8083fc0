/** What may an embedder import? Everything named here, and nothing below it. */
export { createSandbox, type SandboxOptions } from "./create-sandbox.ts";
export { defaultLimits, FUEL_PER_INTERRUPT, MEMORY_FLOOR_PAGES, PAGE_BYTES } from "./limits.ts";
export type { AnswerListener, HostAnswer } from "./bridge/answer.ts";
export type {
  Entry,
  Failure,
  GuestError,
  GuestRuntime,
  GuestSandbox,
  HostCallError,
  HostCallResult,
  HostCalls,
  JsonText,
  Limits,
  OpenResult,
  Outcome,
  Program,
  Sandbox,
  StopReason,
  Usage,
  Vm,
} from "./types.ts";
