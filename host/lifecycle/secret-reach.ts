/** Where may a plugin's secrets go, and does a new version let one go further than the installed one? Pure. */
import type { PluginManifest } from "@bulkhead/sdk";

/** One secret: the hosts the host fills it in for, or readable by the plugin's code where it is bound to none. */
export interface SecretReach {
  readonly key: string;
  readonly hosts: readonly string[];
  /** Places in JSON bodies where it is filled in, besides headers. */
  readonly pointers: readonly string[];
  readonly readable: boolean;
}

/** The secrets of a manifest. */
export function describeSecrets(manifest: PluginManifest): readonly SecretReach[] {
  return Object.entries(manifest.admin.settingsSchema)
    .filter(([, field]) => field.type === "secret")
    .map(([key]) => {
      const bound = manifest.bulkhead.secrets?.[key];
      return { key, hosts: bound?.hosts ?? [], pointers: bound?.pointers ?? [], readable: bound === undefined };
    });
}

/** The secrets both versions have that reach further in the new one. */
export function findWidenedSecrets(next: PluginManifest, installed: PluginManifest): readonly SecretReach[] {
  const before = new Map(describeSecrets(installed).map((secret) => [secret.key, secret]));
  return describeSecrets(next).filter((secret) => {
    const old = before.get(secret.key);
    if (!old || old.readable) return false;
    return (
      secret.readable ||
      secret.hosts.some((host) => !old.hosts.includes(host)) ||
      secret.pointers.some((pointer) => !old.pointers.includes(pointer))
    );
  });
}
