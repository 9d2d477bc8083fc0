/**
 * What may plugins use? Three tables, by the plan the Worker runs on and by kind of entry: what one entry gets, up to what
 * a manifest may ask for more, and what all entries of one host request may use together.
 */
import type { PluginManifest } from "@bulkhead/sdk";
import { ceilingsOf } from "../policy/ceilings.ts";
import type { Policy } from "../policy/document.ts";
import { defaultLimits, type Limits } from "../../sandbox/index.ts";
import type { CallBudget } from "../bridges/dispatch.ts";

/** Why a plugin is entered. */
export type InvocationKind = "route" | "hook" | "page" | "schedule" | "panel" | "lifecycle";

/** Cloudflare's plan: `free` ends a request at 10 ms of CPU, `paid` at 30 s. The variable `PLAN` of the Worker. */
export type Plan = "free" | "paid";

/** The plans there are. */
export const PLANS = ["free", "paid"] as const satisfies readonly Plan[];

/** What a manifest may ask more of. */
export interface Allowance {
  /** Units of work: about one step of bytecode or one loop iteration of the engine, 5 to 10 ns. Host calls cost it too. */
  readonly fuel: number;
  /** Milliseconds of waiting for host calls. */
  readonly wallMs: number;
  /** Calls to D1 and KV. */
  readonly hostCalls: number;
  /** Requests to the network. */
  readonly requests: number;
}

/** What one entry may use. */
export interface Budget extends Allowance {
  /** Characters the host works on for it, e.g. Markdown: 0.6 µs each as a rule, 6 µs in the worst input known. */
  readonly compute: number;
  /** Promise jobs. */
  readonly jobs: number;
  /** Bytes of all messages to it, and of all from it. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Log lines, and their characters together. */
  readonly logLines: number;
  readonly logChars: number;
  /** Milliseconds to wait for memory of the pool before the entry is given up as `busy`. */
  readonly waitMs: number;
}

/** What all entries of a request use together. */
export interface RequestBudget extends Allowance {
  /** Statements of D1 that their calls lead to; one call may take several. */
  readonly queries: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

const MIB = 1_048_576;
const bothWays = (mib: number) => ({ bytesIn: mib * MIB, bytesOut: mib * MIB });

type ByKind<Row> = Readonly<Record<InvocationKind, Row>>;

const PAID_ROUTE: Budget = {
  fuel: 200_000_000,
  wallMs: 15_000,
  hostCalls: 100,
  requests: 10,
  compute: 128_000,
  ...bothWays(32),
  jobs: 100_000,
  logLines: 200,
  logChars: 100_000,
  waitMs: 2_000,
};
const FREE_ROUTE: Budget = {
  fuel: 1_000_000,
  wallMs: 15_000,
  hostCalls: 25,
  requests: 10,
  compute: 8_000,
  ...bothWays(8),
  jobs: 10_000,
  logLines: 50,
  logChars: 20_000,
  waitMs: 2_000,
};

/** What one entry gets where its manifest asks for nothing. A page or a save waits for its hooks, a schedule keeps nobody waiting. */
export const BUDGETS: Readonly<Record<Plan, ByKind<Budget>>> = {
  paid: {
    page: {
      ...PAID_ROUTE,
      fuel: 20_000_000,
      wallMs: 2_000,
      hostCalls: 10,
      requests: 1,
      compute: 4_000,
      ...bothWays(8),
      logLines: 50,
      logChars: 20_000,
      waitMs: 500,
    },
    hook: {
      ...PAID_ROUTE,
      fuel: 100_000_000,
      wallMs: 5_000,
      hostCalls: 50,
      requests: 5,
      compute: 64_000,
      ...bothWays(16),
    },
    route: PAID_ROUTE,
    panel: PAID_ROUTE,
    lifecycle: { ...PAID_ROUTE, waitMs: 5_000 },
    schedule: {
      ...PAID_ROUTE,
      fuel: 400_000_000,
      wallMs: 60_000,
      hostCalls: 200,
      requests: 20,
      compute: 512_000,
      ...bothWays(128),
      waitMs: 5_000,
    },
  },
  free: {
    page: {
      ...FREE_ROUTE,
      fuel: 200_000,
      wallMs: 2_000,
      hostCalls: 5,
      requests: 1,
      compute: 500,
      ...bothWays(2),
      logLines: 20,
      logChars: 5_000,
      waitMs: 500,
    },
    hook: { ...FREE_ROUTE, fuel: 400_000, wallMs: 5_000, hostCalls: 15, requests: 5, compute: 4_000, ...bothWays(4) },
    route: FREE_ROUTE,
    panel: FREE_ROUTE,
    lifecycle: { ...FREE_ROUTE, waitMs: 5_000 },
    schedule: { ...FREE_ROUTE, wallMs: 60_000, requests: 20, waitMs: 5_000 },
  },
};

const PAID_ROUTE_MOST: Allowance = { fuel: 1_000_000_000, wallMs: 60_000, hostCalls: 400, requests: 40 };
const FREE_ROUTE_MOST: Allowance = { fuel: 1_000_000, wallMs: 60_000, hostCalls: 40, requests: 20 };

/** The most a manifest may ask for one entry. */
export const BUDGET_CEILINGS: Readonly<Record<Plan, ByKind<Allowance>>> = {
  paid: {
    page: { fuel: 60_000_000, wallMs: 5_000, hostCalls: 20, requests: 2 },
    hook: { fuel: 400_000_000, wallMs: 15_000, hostCalls: 200, requests: 20 },
    route: PAID_ROUTE_MOST,
    panel: PAID_ROUTE_MOST,
    lifecycle: PAID_ROUTE_MOST,
    schedule: { fuel: 2_000_000_000, wallMs: 600_000, hostCalls: 1_000, requests: 100 },
  },
  free: {
    page: { fuel: 400_000, wallMs: 5_000, hostCalls: 10, requests: 2 },
    hook: { fuel: 800_000, wallMs: 15_000, hostCalls: 30, requests: 10 },
    route: FREE_ROUTE_MOST,
    panel: FREE_ROUTE_MOST,
    lifecycle: FREE_ROUTE_MOST,
    schedule: { ...FREE_ROUTE_MOST, wallMs: 600_000 },
  },
};

/** The platform allows 1,000 on Paid and 50 on Free; the host takes up to twenty for its own, the records of the request among them. */
const QUERIES = { paid: 900, free: 30 } as const;

/** What a route's saves set off in others is paid for by the route; it makes calls of its own, though. */
const PAID_ROUTE_ALL: RequestBudget = {
  fuel: 1_000_000_000,
  wallMs: 90_000,
  hostCalls: 800,
  queries: QUERIES.paid,
  requests: 80,
  ...bothWays(96),
};
/** 1e6 units are 5 to 10 ms. Free allows 50 requests to the network; each hop of a redirect is one. */
const FREE_ROUTE_ALL: RequestBudget = {
  fuel: 1_000_000,
  wallMs: 90_000,
  hostCalls: 40,
  queries: QUERIES.free,
  requests: 30,
  ...bothWays(16),
};

/** What all entries of one host request use together, by the kind of the first of them. `wallMs` counts from that one on. */
export const REQUEST_BUDGETS: Readonly<Record<Plan, ByKind<RequestBudget>>> = {
  paid: {
    page: { fuel: 100_000_000, wallMs: 8_000, hostCalls: 60, queries: QUERIES.paid, requests: 6, ...bothWays(32) },
    hook: { fuel: 500_000_000, wallMs: 30_000, hostCalls: 400, queries: QUERIES.paid, requests: 40, ...bothWays(64) },
    route: PAID_ROUTE_ALL,
    panel: PAID_ROUTE_ALL,
    lifecycle: { ...PAID_ROUTE_ALL, wallMs: 180_000 },
    schedule: {
      fuel: 2_000_000_000,
      wallMs: 700_000,
      hostCalls: 1_500,
      queries: QUERIES.paid,
      requests: 150,
      ...bothWays(192),
    },
  },
  free: {
    page: { fuel: 600_000, wallMs: 8_000, hostCalls: 20, queries: QUERIES.free, requests: 4, ...bothWays(8) },
    hook: { fuel: 1_000_000, wallMs: 30_000, hostCalls: 40, queries: QUERIES.free, requests: 20, ...bothWays(16) },
    route: FREE_ROUTE_ALL,
    panel: FREE_ROUTE_ALL,
    lifecycle: { ...FREE_ROUTE_ALL, wallMs: 180_000 },
    schedule: { ...FREE_ROUTE_ALL, wallMs: 700_000 },
  },
};

/** Limits that are the same for every entry. */
const COMMON = {
  /** A quarter of the pool. */
  memoryBytes: 16 * 1024 * 1024,
  stackBytes: defaultLimits.stackBytes,
  hostCallsInFlight: 4,
  /** One message either way: a body of 2 MiB in base64, and more. */
  messageChars: 4_000_000,
} as const;

/** Calls of methods that only compute on the host; the sandbox's own count leaves room for them. */
const COMPUTE_CALLS = 100;
/** Milliseconds a VM is leased beyond the time its entries may take. */
const LEASE_SLACK_MS = 10_000;

/** The budget of a kind, raised to what the manifest asks for, up to the host's ceiling and the policy's. */
export function budgetOf(plan: Plan, kind: InvocationKind, manifest: PluginManifest, policy: Policy): Budget {
  const wanted = manifest.bulkhead.budgets ?? {};
  const asked = kind === "panel" || kind === "lifecycle" ? wanted.route : wanted[kind];
  const ceilings = ceilingsOf(policy, kind);
  // SECURITY: the lower ceiling counts. (tests/host/policy.test.ts, "a ceiling of the policy")
  const pick = (key: keyof Allowance): number =>
    Math.min(
      asked?.[key] ?? BUDGETS[plan][kind][key],
      BUDGET_CEILINGS[plan][kind][key],
      ceilings[key] ?? Number.POSITIVE_INFINITY,
    );
  return {
    ...BUDGETS[plan][kind],
    fuel: pick("fuel"),
    wallMs: pick("wallMs"),
    hostCalls: pick("hostCalls"),
    requests: pick("requests"),
  };
}

/** The budget as the sandbox's limits. */
export function toLimits(budget: Budget): Limits {
  return {
    ...COMMON,
    fuel: budget.fuel,
    wallMs: budget.wallMs,
    jobs: budget.jobs,
    bytesIn: budget.bytesIn,
    bytesOut: budget.bytesOut,
    logLines: budget.logLines,
    logChars: budget.logChars,
    // Calls over the dispatcher's budgets are answered with an error; far over, the sandbox ends the entry.
    hostCalls: (budget.hostCalls + budget.requests + COMPUTE_CALLS) * 2,
  };
}

/** The budget as the dispatcher counts it. */
export function toCallBudget(budget: Budget): CallBudget {
  return { data: budget.hostCalls, request: budget.requests, compute: budget.compute };
}

/**
 * Milliseconds after which the VM of an entry is given up for lost. One of an event is entered again after others, so it is
 * leased for the longest time the request may take.
 */
export function leaseOf(plan: Plan, kind: InvocationKind, budget: Budget): number {
  const isShared = kind === "hook" || kind === "page";
  return (isShared ? REQUEST_BUDGETS[plan][kind].wallMs : budget.wallMs) + LEASE_SLACK_MS;
}

/**
 * Units of an evaluation that the request does not pay for, where there is no image yet: somewhat more than 130 KB of
 * ordinary code take. It is done once, and with nothing for it no plugin could begin on Free.
 */
export const EVALUATION_ALLOWANCE = 10_000_000;

/** What evaluating a bundle may use: at inspection, and where a VM is made without an image. */
export const EVALUATION_LIMITS: Limits = { ...defaultLimits, ...COMMON, hostCalls: 0, wallMs: 1_000 };
