/** What may one entry into a plugin use, by its kind? Defaults, and ceilings up to which a manifest may ask for more. */
import type { PluginManifest } from "@bulkhead/sdk";
import { defaultLimits, type Limits } from "../../sandbox/index.ts";
import type { CallBudget } from "../bridges/dispatch.ts";

/** Why a plugin is entered. */
export type InvocationKind = "route" | "hook" | "page" | "schedule" | "panel" | "lifecycle";

/** What one entry may use. `fuel` is in units of the sandbox, `wallMs` is time waiting for host calls. */
export interface Budget {
  readonly fuel: number;
  readonly wallMs: number;
  /** Calls to D1 and KV. */
  readonly hostCalls: number;
  /** Requests to the network. */
  readonly requests: number;
  /**
   * Characters the host works on for it, e.g. Markdown. The worst input known costs 6 µs a character, so a page's share
   * is some 25 ms.
   */
  readonly compute: number;
}

/** Defaults by kind. A page or a save waits for its hooks, a schedule keeps nobody waiting. */
export const BUDGETS = {
  page: { fuel: 50_000_000, wallMs: 2_000, hostCalls: 10, requests: 1, compute: 4_000 },
  hook: { fuel: 100_000_000, wallMs: 5_000, hostCalls: 50, requests: 5, compute: 64_000 },
  route: { fuel: 200_000_000, wallMs: 15_000, hostCalls: 100, requests: 10, compute: 128_000 },
  panel: { fuel: 200_000_000, wallMs: 15_000, hostCalls: 100, requests: 10, compute: 128_000 },
  lifecycle: { fuel: 200_000_000, wallMs: 15_000, hostCalls: 100, requests: 10, compute: 128_000 },
  schedule: { fuel: 200_000_000, wallMs: 60_000, hostCalls: 200, requests: 20, compute: 512_000 },
} as const satisfies Record<InvocationKind, Budget>;

/** The most a manifest may ask for, by kind. */
export const BUDGET_CEILINGS = {
  page: { fuel: 100_000_000, wallMs: 5_000, hostCalls: 20, requests: 2, compute: 4_000 },
  hook: { fuel: 400_000_000, wallMs: 15_000, hostCalls: 200, requests: 20, compute: 64_000 },
  route: { fuel: 1_000_000_000, wallMs: 60_000, hostCalls: 400, requests: 40, compute: 128_000 },
  panel: { fuel: 1_000_000_000, wallMs: 60_000, hostCalls: 400, requests: 40, compute: 128_000 },
  lifecycle: { fuel: 1_000_000_000, wallMs: 60_000, hostCalls: 400, requests: 40, compute: 128_000 },
  schedule: { fuel: 2_000_000_000, wallMs: 600_000, hostCalls: 1_000, requests: 100, compute: 512_000 },
} as const satisfies Record<InvocationKind, Budget>;

/** Calls of methods that only compute on the host; the sandbox's own count leaves room for them. */
const COMPUTE_CALLS = 100;
/** Host calls the sandbox itself counts, all kinds together: the sum of what the dispatcher lets through, and slack. */
const MESSAGE_CHARS = 4_000_000;

/** The budget of a kind, raised to what the manifest asks for, up to the ceiling. */
export function budgetOf(kind: InvocationKind, manifest: PluginManifest): Budget {
  const wanted = manifest.bulkhead.budgets ?? {};
  const asked = kind === "panel" || kind === "lifecycle" ? wanted.route : wanted[kind];
  const pick = (key: Exclude<keyof Budget, "compute">): number =>
    Math.min(asked?.[key] ?? BUDGETS[kind][key], BUDGET_CEILINGS[kind][key]);
  return {
    fuel: pick("fuel"),
    wallMs: pick("wallMs"),
    hostCalls: pick("hostCalls"),
    requests: pick("requests"),
    compute: BUDGETS[kind].compute,
  };
}

/** The budget as the sandbox's limits. `wallMs` narrows it further, e.g. to a hook's own timeout. */
export function toLimits(budget: Budget, wallMs = budget.wallMs): Limits {
  return {
    ...defaultLimits,
    fuel: budget.fuel,
    wallMs: Math.min(budget.wallMs, wallMs),
    // Calls over the dispatcher's budgets are answered with an error; far over, the sandbox ends the entry.
    hostCalls: (budget.hostCalls + budget.requests + COMPUTE_CALLS) * 2,
    messageChars: MESSAGE_CHARS,
  };
}

/** The budget as the dispatcher counts it. */
export function toCallBudget(budget: Budget): CallBudget {
  return { data: budget.hostCalls, request: budget.requests, compute: budget.compute };
}

/** What evaluating a bundle may use, at inspection and whenever a VM is made. */
export const EVALUATION_LIMITS: Limits = { ...defaultLimits, hostCalls: 0, wallMs: 1_000 };
