/**
 * How do the powers of a live plugin change without a new version? By an act of its own, audited like a consent: any may
 * be denied, narrowed or given back, none widened beyond what the manifest asks for. It holds from the plugin's next call.
 */
import type { Actor } from "../actor.ts";
import { HostError } from "../errors.ts";
import type { Grant } from "../permissions/grant.ts";
import { checkDenials, describeHollowDenial } from "../permissions/implied.ts";
import type { Services } from "../services.ts";
import { listGrants, putGrants } from "../store/d1/grants.ts";
import { commitAct } from "./act.ts";
import { findPlugin, findVersion, toPlanned } from "./find.ts";
import { toHostGrant } from "./host-grant.ts";

/** A change to one power. */
export interface GrantChange {
  readonly capability: string;
  readonly allowed: boolean;
  /** For a network capability: the hosts from now on; undefined leaves them. */
  readonly hosts?: readonly string[] | undefined;
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
        if (change.hosts !== undefined && held.hosts === null) {
          throw new HostError("GRANTS_INVALID", `"${change.capability}" has no hosts to narrow.`);
        }
        const hosts = change.hosts === undefined ? held.hosts : toHostGrant(manifest, change.hosts);
        // A term that has passed does not outlive the decision that gives the power back.
        const until = held.until !== null && held.until <= at ? null : held.until;
        const grant: Grant = { ...held, allowed: change.allowed, hosts, until, grantedBy: by.id, grantedAt: at, note };
        return [held.capability, grant] as const;
      }),
    );
    const after = before.map((grant) => changed.get(grant.capability) ?? grant);
    const denials = checkDenials(after);
    if (!denials.ok) throw new HostError("GRANTS_INVALID", describeHollowDenial(denials.reason));
    return {
      statements: putGrants(services.db, id, row.version, row.digest, after),
      act: "plugin.grants",
      target: id,
      detail: {
        version: row.version,
        digest: row.digest,
        changes: [...changed.values()].map(({ capability, allowed, hosts }) => ({ capability, allowed, hosts })),
        note,
      },
      value: undefined,
    };
  });
}
