/**
 * What does a yes do? It is bound to the plan's hash: whoever consented saw exactly this. Grants, schedules and the live
 * version change in one batch; anything may be denied or narrowed, nothing widened beyond what was asked.
 */
import { describeCapability, type PluginManifest } from "@bulkhead/sdk";
import type { Actor } from "../actor.ts";
import { toCanonicalJson } from "../canonical-json.ts";
import { sha256 } from "../crypto.ts";
import { HostError } from "../errors.ts";
import type { Session } from "../invoke/session.ts";
import type { Grant } from "../permissions/grant.ts";
import { checkDecisions, describeHollow } from "../permissions/implied.ts";
import { assertMayConsent, assertMayRun, assertNotRefused, toGivenPowers } from "../policy/enforce.ts";
import { readPolicy } from "../policy/in-force.ts";
import { findRefusals } from "../policy/refusals.ts";
import { assertSigner } from "../publishers/consent.ts";
import { readKeys } from "../publishers/keys.ts";
import { toPin } from "../publishers/pin.ts";
import { getPin, putPin } from "../store/d1/publishers.ts";
import type { Services } from "../services.ts";
import { putGrants } from "../store/d1/grants.ts";
import { isLastConsent } from "../store/d1/audit.ts";
import { getPlugin, markLive, putPlugin, type VersionRow } from "../store/d1/plugins.ts";
import { activatePlugin } from "./activate.ts";
import { commitAct, toActorText } from "./act.ts";
import { enablePlugin } from "./enable.ts";
import { findPlugin, findVersion, planFor, toPlanned } from "./find.ts";
import { assertRequested, findUnnamedHost, toGrantTargets, type WantedTargets } from "./grant-targets.ts";
import { applyMigrations, explainMigrations, NO_MIGRATIONS, planMigrations, readApplied } from "./migrations.ts";
import { putManifestSchedules } from "./manifest-schedules.ts";
import { assertPathsFree } from "./path-holders.ts";
import type { PlannedVersion } from "./plan.ts";

/** What a person consented to. */
export interface Consent {
  readonly version: string;
  readonly planHash: string;
  /** Capabilities that are not granted. */
  readonly deny: readonly string[];
  /** What is granted of each kind of target; a kind that is left out is granted as the manifest asks for it. */
  readonly targets: WantedTargets;
  /** Capabilities that are tried out first: see `GrantMode`. */
  readonly report: readonly string[];
  readonly until: string | null;
  readonly note: string | null;
  readonly enable: boolean;
  /** A key's id or `unsigned`, where the version is not signed as those before. */
  readonly acceptSigner: string | null;
}

/** Consents to a version and, where asked, takes it live. */
export async function consentTo(
  services: Services,
  session: Session,
  by: Actor,
  id: string,
  consent: Consent,
): Promise<void> {
  const request = await sha256(`bulkhead-consent-1\n${toCanonicalJson(consent)}`);
  const isNew = await commitAct(services, by, async () => {
    const row = await findVersion(services.db, id, consent.version);
    if (await isInEffect(services.db, row, { actor: toActorText(by), request })) return { unchanged: false };
    const plugin = await findPlugin(services.db, id, "consent");
    if (row.rejected_at !== null) {
      throw new HostError("CONFLICT", `${id} ${row.version} was rejected. Upload it again to ask anew.`);
    }
    const next = toPlanned(row);
    // Inside: a policy that comes into force meanwhile takes the audit number, and this is decided again under it.
    const { policy, version: policyVersion } = await readPolicy(services.db);
    const { source, uploaded_by: uploadedBy } = row;
    const right = assertMayConsent(policy, by, { manifest: next.manifest, source, uploadedBy });
    if (consent.enable) await assertMayRun(services, next);
    const plan = await planFor(services, plugin, next);
    // SECURITY: the plan may have changed since it was read. (tests/host/lifecycle.test.ts, "with a stale plan hash")
    if (plugin.staged_version !== row.version) {
      throw new HostError("CONFLICT", `${id} ${row.version} does not wait for consent. Upload it again to ask anew.`);
    }
    const at = services.now();
    const grants = toGrants(next, consent, by, at);
    if (right === "preapproved") assertApproved(next.manifest, grants);
    // Before the hash: another plugin that took an address meanwhile changed the plan too, and is to be named.
    await assertPathsFree(services.db, next.manifest, grants);
    if (plan.hash !== consent.planHash) {
      throw new HostError(
        "PLAN_CHANGED",
        `The plan of ${id} ${row.version} is no longer the one you saw. Read it again; its hash is ${plan.hash}.`,
      );
    }
    const [keys, pin] = await Promise.all([readKeys(services.db), getPin(services.db, id)]);
    const { manifest, signature } = next;
    const { change } = plan.signer;
    assertSigner({ manifest, signature, change, accepted: consent.acceptSigner, right }, { policy, keys, now: at });
    const pinned = toPin(signature, change, { plugin: id, pin, at: at.toISOString(), by: by.id });
    const decisions = checkDecisions(grants);
    if (!decisions.ok) throw new HostError("GRANTS_INVALID", describeHollow(decisions.reason));
    // SECURITY: what the policy refuses, nobody grants. (tests/host/policy.test.ts, "cannot be consented to")
    assertNotRefused(next.manifest, findRefusals({ policy, keys }, next, toGivenPowers(grants)));
    // An update leaves a plugin as it is: live stays live, disabled stays disabled.
    const isKept = plugin.state === "enabled" || plugin.state === "disabled";
    const state = isKept ? plugin.state : consent.enable ? "activating" : "disabled";
    const isLive = state === "enabled" || state === "activating";
    const pending = isLive
      ? await planMigrations(id, next.migrations, await readApplied(services.db, id))
      : NO_MIGRATIONS;
    return {
      statements: [
        ...applyMigrations(services, id, pending, at.toISOString()),
        ...putGrants(services.db, id, row.version, row.digest, grants),
        ...putManifestSchedules(services.db, next.manifest, at),
        markLive(services.db, id, row.version, at.toISOString()),
        ...(pinned ? [putPin(services.db, pinned)] : []),
        putPlugin(services.db, {
          ...plugin,
          state,
          reason: null,
          live_version: row.version,
          staged_version: null,
          updated_at: at.toISOString(),
        }),
      ],
      act: "plugin.consent",
      target: id,
      detail: {
        version: row.version,
        digest: row.digest,
        plan: plan.hash,
        request,
        granted: grants.filter((grant) => grant.allowed).map((grant) => grant.capability),
        denied: grants.filter((grant) => !grant.allowed).map((grant) => grant.capability),
        targets: Object.fromEntries(
          grants.flatMap(({ capability, allowed, targets }) => (allowed && targets ? [[capability, targets]] : [])),
        ),
        report: consent.report,
        migrations: pending.files,
        until: consent.until,
        note: consent.note,
        ...(signature || change === "missing"
          ? {
              signer: {
                keyId: signature?.keyId ?? null,
                publisher: plan.signer.publisher,
                change,
                pinned: pinned?.key_id,
              },
            }
          : {}),
        ...(policyVersion > 0 ? { policy: policyVersion } : {}),
        ...(right === "preapproved" ? { preapproved: policyVersion } : {}),
      },
      value: true,
      explain: explainMigrations(id, pending),
    };
  });
  if (!consent.enable) return;
  if (isNew) return activatePlugin(services, session, by, id);
  // What the first of the two calls may not have brought to its end. Who disabled the plugin since is not overruled.
  const state = (await getPlugin(services.db, id))?.state;
  if (state === "parked" || state === "activating") await enablePlugin(services, session, by, id);
}

/** Whether this very consent was given before and holds. */
async function isInEffect(
  db: D1Database,
  { plugin_id: plugin, version }: VersionRow,
  given: { readonly actor: string; readonly request: string },
): Promise<boolean> {
  const now = await getPlugin(db, plugin);
  if (now?.live_version !== version || now.staged_version === version || now.state === "uninstalled") return false;
  return isLastConsent(db, { plugin, ...given });
}

/**
 * Throws FORBIDDEN for a host that only a setting names. SECURITY: the approval knows what the manifest names; the rest is a
 * reviewer's to decide. (tests/host/preapproved.source.test.ts, "a host that only a setting names")
 */
function assertApproved(manifest: PluginManifest, grants: readonly Grant[]): void {
  const host = findUnnamedHost(manifest, grants);
  if (host === undefined) return;
  throw new HostError(
    "FORBIDDEN",
    `Cannot grant ${host}: what is approved in advance are the hosts ${manifest.id} names itself. Consent without it, and ask a reviewer to grant it.`,
  );
}

function toGrants({ manifest }: PlannedVersion, consent: Consent, by: Actor, at: Date): readonly Grant[] {
  const requested: readonly string[] = manifest.capabilities;
  const open = "network:request:unrestricted";
  if (consent.targets.hosts !== undefined && requested.includes(open) && !consent.deny.includes(open)) {
    throw new HostError(
      "GRANTS_INVALID",
      `Cannot narrow the hosts of ${manifest.id} while ${open} is allowed. Deny it too.`,
    );
  }
  assertRequested(manifest, consent.targets);
  for (const name of [...consent.deny, ...consent.report]) {
    if (!requested.includes(name)) {
      throw new HostError(
        "GRANTS_INVALID",
        `Cannot decide about "${name.slice(0, 80)}": ${manifest.id} asks for ${requested.join(", ") || "nothing"}.`,
      );
    }
  }
  if (consent.until !== null && new Date(consent.until) <= at) {
    throw new HostError(
      "GRANTS_INVALID",
      `"until" is ${consent.until}, which has passed. Expected a time after ${at.toISOString()}.`,
    );
  }
  return manifest.capabilities.map((capability) => {
    const kind = describeCapability(capability).targets;
    return {
      capability,
      allowed: !consent.deny.includes(capability),
      targets: toGrantTargets(manifest, capability, kind && consent.targets[kind]),
      methods: null,
      mode: consent.report.includes(capability) ? "report" : "enforce",
      paused: false,
      grantedBy: by.id,
      grantedAt: at.toISOString(),
      until: consent.until === null ? null : new Date(consent.until).toISOString(),
      note: consent.note,
    };
  });
}
