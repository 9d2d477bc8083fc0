/** What may an embedder import? Everything named here, and nothing below it. */
export { createSandbox, type SandboxOptions } from "./create-sandbox.ts";
export { defaultLimits, PAGE_BYTES } from "./limits.ts";
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
  ImageStore,
  JsonText,
  Limits,
  Meter,
  OpenOptions,
  OpenResult,
  Outcome,
  PoolStats,
  Prepared,
  Program,
  Sandbox,
  StopReason,
  Usage,
  Vm,
} from "./types.ts";
