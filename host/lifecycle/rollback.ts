/**
 * How does a plugin go back to a version it had? In one act: code, grants and schedules of a version somebody consented to.
 * Data stay as they are, and what was taken away since stays taken away.
 */
import type { Actor } from "../actor.ts";
import { HostError } from "../errors.ts";
import type { Session } from "../invoke/session.ts";
import { assertMayRun, assertNotRefused, toGivenPowers } from "../policy/enforce.ts";
import { readPolicy } from "../policy/in-force.ts";
import { findRefusals } from "../policy/refusals.ts";
import { readKeys } from "../publishers/keys.ts";
import { keepDenials } from "../permissions/keep-denials.ts";
import type { Services } from "../services.ts";
import { listGrants, putGrants } from "../store/d1/grants.ts";
import { listVersions, markLive, putPlugin, type PluginRow, type VersionRow } from "../store/d1/plugins.ts";
import { commitAct } from "./act.ts";
import { findPlugin, toPlanned } from "./find.ts";
import { applyMigrations, explainMigrations, planMigrations, readApplied } from "./migrations.ts";
import { assertPathsFree } from "./path-holders.ts";
import { putManifestSchedules } from "./manifest-schedules.ts";

/** What a person wants back. */
export interface Rollback {
  /** Undefined: the version that was live before. A call that may be repeated names it: it is then done once. */
  readonly version: string | undefined;
  readonly note: string | null;
}

/** Rolls back, and answers the version that is live now. Throws NOT_FOUND, CONFLICT or POLICY_DENIED; then nothing changed. */
export async function rollBack(
  services: Services,
  session: Session,
  by: Actor,
  id: string,
  { version, note }: Rollback,
): Promise<string> {
  const row = await commitAct(services, by, async () => {
    const { db } = services;
    const plugin = await findPlugin(db, id, "rollback");
    const versions = await listVersions(db, id);
    const live = versions.find((row) => row.version === plugin.live_version);
    if (live && version === live.version) return { unchanged: live };
    const target = findTarget(plugin, versions, version);
    const planned = toPlanned(target);
    const { manifest, migrations } = planned;
    await assertMayRun(services, planned);
    const applied = await readApplied(db, id);
    // As a rule none: they ran when it went live. What a later version added stays.
    const pending = await planMigrations(id, migrations, applied);
    const newer = applied.applied
      .map(({ name }) => name)
      .filter((name) => !migrations.some(({ path }) => path === name));
    const held = await listGrants(db, id, target.version);
    const current = live ? await listGrants(db, id, live.version) : [];
    // SECURITY: a rollback gives back no power that was taken away since. (tests/host/rollback.test.ts, "taken away since")
    const grants = keepDenials(held, current);
    const [{ policy, version: policyVersion }, keys] = await Promise.all([readPolicy(db), readKeys(db)]);
    assertNotRefused(manifest, findRefusals({ policy, keys }, planned, toGivenPowers(grants)));
    await assertPathsFree(db, manifest, grants);
    const at = services.now();
    return {
      statements: [
        ...applyMigrations(services, id, pending, at.toISOString()),
        ...putGrants(db, id, target.version, target.digest, grants),
        ...putManifestSchedules(db, manifest, at),
        markLive(db, id, target.version, at.toISOString()),
        putPlugin(db, {
          ...plugin,
          state: plugin.state === "parked" ? "disabled" : plugin.state,
          reason: null,
          live_version: target.version,
          updated_at: at.toISOString(),
        }),
      ],
      act: "plugin.rollback",
      target: id,
      detail: {
        from: plugin.live_version,
        version: target.version,
        digest: target.digest,
        granted: grants.filter((grant) => grant.allowed).map((grant) => grant.capability),
        denied: grants.filter((grant) => !grant.allowed).map((grant) => grant.capability),
        note,
        // Their tables stay as the later version left them.
        newerMigrations: newer,
        ...(policyVersion > 0 ? { policy: policyVersion } : {}),
      },
      value: target,
      explain: explainMigrations(id, pending),
    };
  });
  session.makeImage({ id, version: row.version, digest: row.digest });
  return row.version;
}

/** The version to go back to: one that was live, and is not. */
function findTarget(plugin: PluginRow, versions: readonly VersionRow[], wanted: string | undefined): VersionRow {
  const { id, live_version: live } = plugin;
  const kept = versions
    .filter((row) => row.live_at !== null && row.version !== live)
    .toSorted((a, b) => (a.live_at! < b.live_at! ? 1 : -1));
  const found = wanted === undefined ? kept[0] : kept.find((row) => row.version === wanted);
  if (found) return found;
  const names = kept.map((row) => row.version).join(", ");
  throw new HostError(
    wanted === undefined ? "CONFLICT" : "NOT_FOUND",
    wanted === undefined
      ? `${id} has no version that was live before ${live ?? "this one"}.`
      : `${id} was never live as ${wanted.slice(0, 64)}. It can go back to: ${names || "none"}.`,
  );
}
