/**
 * How do the powers of a live plugin change without a new version? By an act of its own, audited like a consent: any may
 * be denied, narrowed, paused, ended or given back, none widened beyond what the manifest asks for. It holds from the
 * plugin's next call.
 */
import { describeCapability, type PluginManifest, type TargetKind } from "@bulkhead/sdk";
import type { Actor } from "../actor.ts";
import { HostError } from "../errors.ts";
import type { Grant, GrantMode } from "../permissions/grant.ts";
import { checkDecisions, describeHollow } from "../permissions/implied.ts";
import { isWider } from "../permissions/widens.ts";
import { assertNotRefused, toGivenPowers } from "../policy/enforce.ts";
import { readPolicy } from "../policy/in-force.ts";
import { findPowerRefusals } from "../policy/refusals.ts";
import type { Services } from "../services.ts";
import { listGrants, putGrants } from "../store/d1/grants.ts";
import { commitAct } from "./act.ts";
import { findPlugin, findVersion, toPlanned } from "./find.ts";
import { assertRequested, toGrantTargets, type WantedTargets } from "./grant-targets.ts";
import { assertPathsFree } from "./path-holders.ts";

/** A change to one power. */
export interface GrantChange {
  readonly capability: string;
  readonly allowed: boolean;
  /** What it is narrowed to from now on; undefined leaves it, like all that follow. */
  readonly targets?: WantedTargets | undefined;
  /** For requests: methods, or null for all. */
  readonly methods?: readonly string[] | null | undefined;
  readonly mode?: GrantMode | undefined;
  readonly paused?: boolean | undefined;
  /** ISO 8601 in the future, or null for no end. */
  readonly until?: string | null | undefined;
}

/** Changes grants of the live version. Throws GRANTS_INVALID where one goes beyond the manifest. */
export async function changeGrants(
  services: Services,
  by: Actor,
  id: string,
  { changes, note }: { readonly changes: readonly GrantChange[]; readonly note: string | null },
): Promise<void> {
  await commitAct(services, by, async () => {
    const plugin = await findPlugin(services.db, id, "regrant");
    if (plugin.live_version === null) throw new HostError("CONFLICT", `Nobody has consented to ${id} yet.`);
    const row = await findVersion(services.db, id, plugin.live_version);
    const { manifest } = toPlanned(row);
    const before = await listGrants(services.db, id, row.version);
    const at = services.now().toISOString();
    const changed = new Map(
      changes.map((change) => {
        const held = before.find((grant) => grant.capability === change.capability);
        if (!held) {
          throw new HostError(
            "GRANTS_INVALID",
            `Cannot grant "${change.capability.slice(0, 80)}": ${id} asks for ${manifest.capabilities.join(", ") || "nothing"}.`,
          );
        }
        return [held.capability, apply(manifest, held, change, { by, at, note })] as const;
      }),
    );
    const after = before.map((grant) => changed.get(grant.capability) ?? grant);
    const decisions = checkDecisions(after);
    if (!decisions.ok) throw new HostError("GRANTS_INVALID", describeHollow(decisions.reason));
    const { policy } = await readPolicy(services.db);
    // SECURITY: two people decide about what more is given, too. (tests/host/policy-consent.test.ts, "gives nothing back")
    if (policy.separateConsent === true && by.id === row.uploaded_by) assertNotWider(manifest, before, changed);
    // Only what is changed here, so that a power can be taken away whatever the policy says of the others.
    assertNotRefused(manifest, findPowerRefusals(policy, toGivenPowers([...changed.values()])));
    await assertPathsFree(services.db, manifest, [...changed.values()]);
    return {
      statements: putGrants(services.db, id, row.version, row.digest, after),
      act: "plugin.grants",
      target: id,
      detail: {
        version: row.version,
        digest: row.digest,
        changes: [...changed.values()].map(({ capability, allowed, targets, methods, mode, paused, until }) => {
          return { capability, allowed, targets, methods, mode, paused, until };
        }),
        note,
      },
      value: undefined,
    };
  });
}

/** Throws POLICY_DENIED for a power that whoever uploaded the version would give more of. */
function assertNotWider(
  { id, version }: PluginManifest,
  before: readonly Grant[],
  changed: ReadonlyMap<Grant["capability"], Grant>,
): void {
  const wider = before.find((held) => isWider(changed.get(held.capability) ?? held, held));
  if (!wider) return;
  throw new HostError(
    "POLICY_DENIED",
    `You uploaded ${id} ${version}, and the policy asks for two people (separateConsent). Ask another reviewer to give it more of ${wider.capability}.`,
  );
}

function apply(
  manifest: PluginManifest,
  held: Grant,
  change: GrantChange,
  { by, at, note }: { readonly by: Actor; readonly at: string; readonly note: string | null },
): Grant {
  const { capability } = held;
  const kind = describeCapability(capability).targets;
  const { targets: named = {} } = change;
  const other = (Object.keys(named) as TargetKind[]).find((name) => named[name] !== undefined && name !== kind);
  if (other !== undefined) throw new HostError("GRANTS_INVALID", `"${capability}" has no ${other} to narrow.`);
  const wanted = kind && named[kind];
  assertRequested(manifest, named);
  if (change.methods && kind !== "hosts")
    throw new HostError("GRANTS_INVALID", `"${capability}" sends no requests; it has no methods.`);
  if (typeof change.until === "string" && new Date(change.until).toISOString() <= at)
    throw new HostError("GRANTS_INVALID", `"until" is ${change.until}, which has passed. Expected a time after ${at}.`);
  // A term that has passed does not outlive the decision that gives the power back.
  const until = held.until !== null && held.until <= at ? null : held.until;
  return {
    capability,
    allowed: change.allowed,
    targets: wanted === undefined ? held.targets : toGrantTargets(manifest, capability, wanted),
    methods: change.methods === undefined ? held.methods : change.methods,
    mode: change.mode ?? held.mode,
    paused: change.paused ?? held.paused,
    grantedBy: by.id,
    grantedAt: at,
    until: change.until === undefined ? until : change.until === null ? null : new Date(change.until).toISOString(),
    note,
  };
}
