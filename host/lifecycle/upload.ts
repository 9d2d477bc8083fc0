/**
 * What happens to an uploaded bundle? It is verified, kept content-addressed, and waits for consent; nothing of it runs.
 * A version is immutable once somebody consented to it; before that the same version may be uploaded again.
 */
import type { Sandbox } from "../../sandbox/index.ts";
import type { Actor } from "../actor.ts";
import { SIGNATURE_FILE } from "../bundle/signature.ts";
import { toStored } from "../bundle/stored.ts";
import { HostError } from "../errors.ts";
import { readKeys, type PublisherKeys } from "../publishers/keys.ts";
import { refuseSignature } from "../publishers/signer.ts";
import type { Services } from "../services.ts";
import { wasConsentedTo } from "../store/d1/audit.ts";
import { getPlugin, getVersion, putPlugin, putVersion, type PluginRow } from "../store/d1/plugins.ts";
import { commitAct } from "./act.ts";
import { planFor } from "./find.ts";
import { planMigrations, readApplied } from "./migrations.ts";
import type { Plan } from "./plan.ts";
import { refuseBundle, verifyBundle, type VerifiedBundle } from "./verify.ts";

/** Verifies and keeps a bundle; answers the plan that consent is asked for. */
export async function uploadBundle(
  services: Services,
  sandbox: Sandbox,
  by: Actor,
  archive: Uint8Array,
  source: "upload" | "catalog" = "upload",
): Promise<{ readonly id: string; readonly plan: Plan }> {
  const { offer, plan, now } = services;
  const bundle = await verifyBundle(archive, { sandbox, offer, plan, now: now() });
  const { id, version } = bundle.manifest;
  // Before the rows: an archive nobody refers to is harmless, a row without its archive is not.
  await services.bundles.put(bundle.digest, await toStored(archive, bundle.files));
  return commitAct(services, by, async () => {
    const [plugin, known] = await Promise.all([getPlugin(services.db, id), getVersion(services.db, id, version)]);
    assertSignature(bundle, await readKeys(services.db), services.now());
    const isOther = known !== null && known.digest !== bundle.digest;
    if (isOther && (await wasConsentedTo(services.db, { plugin: id, version, digest: known.digest }))) {
      throw new HostError(
        "VERSION_EXISTS",
        `${id} ${version} was already installed with other contents (${known.digest.slice(0, 12)}). Raise "version" in the manifest.`,
      );
    }
    if (plugin?.live_version === version && plugin.state !== "uninstalled") {
      throw new HostError("VERSION_EXISTS", `${id} ${version} is installed already, with these very files.`);
    }
    await planMigrations(id, bundle.migrations, await readApplied(services.db, id));
    const at = services.now().toISOString();
    const row = afterUpload(plugin, id, version, at);
    return {
      statements: [
        putVersion(services.db, {
          plugin_id: id,
          version,
          digest: bundle.digest,
          manifest: bundle.manifestText,
          exports: JSON.stringify({ ...bundle.exports, unusedKeys: bundle.unusedKeys }),
          bytes: bundle.bytes,
          migrations: JSON.stringify(bundle.migrations),
          rejected_at: null,
          uploaded_at: at,
          uploaded_by: by.id,
          source,
          signature: bundle.signature && JSON.stringify(bundle.signature),
          scan: JSON.stringify(bundle.scan),
        }),
        putPlugin(services.db, row),
      ],
      act: "plugin.upload",
      target: id,
      detail: {
        version,
        digest: bundle.digest,
        bytes: bundle.bytes,
        source,
        ...(bundle.signature ? { signedBy: bundle.signature.keyId } : {}),
      },
      value: { id, plan: await planFor(services, row, bundle) },
    };
  });
}

/** Throws SIGNATURE_INVALID for a key that signs nothing any more, or not under this name. */
function assertSignature({ signature }: VerifiedBundle, keys: PublisherKeys, now: Date): void {
  const refused = refuseSignature(signature, keys, now);
  if (refused) throw refuseBundle("SIGNATURE_INVALID", [{ path: SIGNATURE_FILE, ...refused }]);
}

function afterUpload(plugin: PluginRow | null, id: string, version: string, at: string): PluginRow {
  const isNew = !plugin || plugin.state === "uninstalled";
  if (isNew || plugin.live_version === null) {
    return {
      id,
      state: "uploaded",
      reason: null,
      live_version: null,
      staged_version: version,
      installed_at: null,
      created_at: isNew ? at : plugin.created_at,
      updated_at: at,
    };
  }
  return { ...plugin, staged_version: version, updated_at: at };
}
