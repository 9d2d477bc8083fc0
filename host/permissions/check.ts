/**
 * May this plugin use this power now, on this target? The one decision every bridge call passes; pure, so that what a
 * reviewer reads here is all there is.
 */
import { describeCapability, needsTargets, type Capability, type TargetKind } from "@bulkhead/sdk";
import { describeUncovered, findUncovered, fromHostTarget } from "../network/host-pattern.ts";
import { checkBounds, describeBound, type BoundDenial, type Bounds } from "../policy/bounds.ts";
import { fail, ok, type Result } from "../result.ts";
import type { Grant } from "./grant.ts";
import { coversTarget } from "./target.ts";

/** What a call is about to use. */
export interface Use {
  readonly capability: Capability;
  /** A host (or the whole address), collection, table, slot or path; absent where the power has none. */
  readonly target?: string;
  /** The method of a request. */
  readonly method?: string;
}

/** Why a use is refused. */
export type Denial =
  | BoundDenial
  | {
      readonly kind: "capability";
      readonly capability: Capability;
      readonly why: "not-requested" | "denied" | "paused" | "expired";
    }
  | {
      readonly kind: "target";
      readonly capability: Capability;
      readonly of: TargetKind;
      readonly target: string;
      readonly granted: readonly string[];
    }
  | {
      readonly kind: "method";
      readonly capability: Capability;
      readonly method: string;
      readonly granted: readonly string[];
    };

/** A use that goes ahead. */
export interface Allowed {
  /** The name in the grant that covers the target; absent where the grant is not narrowed. */
  readonly coveredBy?: string;
  /** What a row in mode `report` would have refused. */
  readonly reported?: Denial;
}

/** The plugin's side of a decision. */
export interface Holder {
  readonly grants: readonly Grant[];
  /** What the policy and the switches take away, whatever a row says. */
  readonly bounds: Bounds;
  /** What the manifest asks a power for; null: everything. */
  readonly requested: (capability: Capability) => readonly string[] | null;
}

/**
 * Whether the use is granted. SECURITY: anything but a present, allowed, unexpired, unpaused row that names the target
 * denies. (tests/host/grants.test.ts, "a guarded method"; tests/host/narrowed.test.ts)
 */
export function checkUse({ grants, bounds, requested }: Holder, use: Use, now: Date): Result<Allowed, Denial> {
  const { capability } = use;
  const row = grants.find((candidate) => candidate.capability === capability);
  const refuse = (why: "not-requested" | "denied" | "paused" | "expired"): Result<Allowed, Denial> =>
    fail({ kind: "capability", capability, why });
  if (!row) return refuse("not-requested");
  // SECURITY: before the row is read: deny wins, and a grant that is tried out lifts nothing of it. (tests/host/policy.test.ts, "whatever its grant says")
  const bound = checkBounds(bounds, use);
  if (bound) return fail(bound);
  if (row.paused) return refuse("paused");
  if (row.until !== null && row.until <= now.toISOString()) return refuse("expired");

  const checked: Result<Allowed, Denial> = row.allowed ? checkNarrowing(row, use) : refuse("denied");
  if (checked.ok || row.mode !== "report") return checked;
  // SECURITY: trying a grant out never reaches beyond what the manifest asks for. (tests/host/narrowed.test.ts, "not beyond the manifest")
  const asked = checkNarrowing({ ...row, targets: requested(capability), methods: null }, use);
  return asked.ok ? ok({ ...asked.value, reported: checked.reason }) : checked;
}

/** Whether the row's targets and methods cover the use. */
function checkNarrowing({ targets, methods }: Grant, { capability, target, method }: Use): Result<Allowed, Denial> {
  if (method !== undefined && methods !== null && !methods.includes(method))
    return fail({ kind: "method", capability, method, granted: methods });
  const of = describeCapability(capability).targets;
  const granted = targets ?? (needsTargets(capability) ? [] : null);
  if (of === undefined || target === undefined || granted === null) return ok({});
  const coveredBy = granted.find((name) => coversTarget(of, name, target));
  return coveredBy === undefined ? fail({ kind: "target", capability, of, target, granted }) : ok({ coveredBy });
}

/** Whether the power is granted at all, whatever it is narrowed to. */
export function isGranted(holder: Omit<Holder, "requested">, capability: Capability, now: Date): boolean {
  return checkUse({ ...holder, requested: () => null }, { capability }, now).ok;
}

const NOUNS: Readonly<Record<TargetKind, string>> = {
  hosts: "Host",
  collections: "Collection",
  tables: "Table",
  slots: "Slot",
  paths: "Address",
};

/** The denial as the guest and the log read it. The wording up to the first period is EmDash's; plugins match on it. */
export function describeDenial(denial: Denial): string {
  const { capability } = denial;
  if (denial.kind === "policy" || denial.kind === "switch") return describeBound(denial);
  if (denial.kind === "target" && denial.of === "hosts") {
    const uncovered = findUncovered(denial.granted, fromHostTarget(denial.target));
    if (uncovered) return describeUncovered(uncovered);
  }
  if (denial.kind === "target") {
    const granted = denial.granted.length > 0 ? denial.granted.join(", ") : "none";
    return `${NOUNS[denial.of]} not allowed: ${denial.target.slice(0, 253)}. Granted: ${granted}. ${howToAsk(denial.of)}, or ask the administrator to grant it.`;
  }
  if (denial.kind === "method") {
    return `Method not allowed: ${denial.method.slice(0, 20)}. Granted for ${capability}: ${denial.granted.join(", ") || "none"}. Ask the administrator to grant it.`;
  }
  const fix = {
    "not-requested": `Add "${capability}" to "capabilities" in the manifest.`,
    denied: "The administrator did not grant it.",
    paused: "The administrator has paused it.",
    expired: "The grant has expired.",
  }[denial.why];
  return `Missing capability: ${capability}. ${fix}`;
}

function howToAsk(of: TargetKind): string {
  switch (of) {
    case "hosts":
      return 'Add it to "allowedHosts" in the manifest';
    case "tables":
      return 'Add it to "bulkhead.database" in the manifest';
    case "slots":
    case "paths":
      return `Add it to "bulkhead.page.${of}" in the manifest`;
    case "collections":
      return "Use another collection";
  }
}
