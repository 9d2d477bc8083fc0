/** What is a person told about a stop? One sentence per reason: what happened, which limit, what to do about it. */
import { defaultLimits } from "../limits.ts";
import type { Limits, StopReason } from "../types.ts";

export function toStopMessage(reason: StopReason, name: string, limits: Limits): string {
  return `${name} was ${reason === "busy" ? "not run" : "stopped"}: ${explain(reason, limits)}`;
}

function explain(reason: StopReason, limits: Limits): string {
  switch (reason) {
    case "fuel":
      return `it used more than ${limits.fuel} units of fuel. Do less work, or move heavy work to the host.`;
    case "memory":
      return `it needed more than ${limits.memoryBytes} bytes of memory. Work on smaller pieces.`;
    case "stack":
      return "native recursion went too deep. Nest data and patterns less.";
    case "jobs":
      return `it ran more than ${limits.jobs} promise jobs. Look for a promise that restarts itself.`;
    case "wall":
      return `it waited longer than ${limits.wallMs} ms for the host. Wait for less.`;
    case "host-calls":
      return `it made more than ${limits.hostCalls} host calls. Batch them.`;
    case "message-size":
      return `a message was larger than ${limits.messageChars} characters of JSON. Send less.`;
    case "traffic":
      return `it was sent more than ${limits.bytesIn ?? defaultLimits.bytesIn} bytes, or sent more than ${limits.bytesOut ?? defaultLimits.bytesOut}. Ask for less, or in several entries.`;
    case "never-settled":
      return "its promise can never settle: no host call and no timer is pending. Look for a promise nobody resolves.";
    case "crashed":
      return "the engine failed. The VM was dropped; the next one starts afresh.";
    case "busy":
      return "too many plugins are running at this moment. Try again.";
  }
}
