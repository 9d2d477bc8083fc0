/**
 * What would installing or updating change? Pure: the same version over the same installed one always gives the same
 * plan and hash, so consent given to the hash is consent to exactly this.
 */
import {
  defaultSetting,
  describeCapability,
  describeHook,
  isHookName,
  requestedTargets,
  type Capability,
  type PluginManifest,
} from "@bulkhead/sdk";
import type { z } from "@hono/zod-openapi";
import type { planShape } from "../api/shapes.ts";
import { viewSigner } from "../api/signer-view.ts";
import type { PluginExports } from "../bundle/exports.ts";
import type { ScanFinding } from "../bundle/scan/finding.ts";
import type { BundleSignature } from "../bundle/signature.ts";
import { toCanonicalJson } from "../canonical-json.ts";
import { sha256 } from "../crypto.ts";
import type { Offer } from "../offer.ts";
import type { Policy } from "../policy/document.ts";
import type { PublisherKeys } from "../publishers/keys.ts";
import { judgeSigner, needsAcceptance, type SignerChange } from "../publishers/pin.ts";
import type { PinRow } from "../store/d1/publishers.ts";
import { findFindings } from "./findings.ts";
import type { TakenPath } from "./path-holders.ts";
import { describeSecrets, findWidenedSecrets } from "./secret-reach.ts";
import type { Result } from "../result.ts";
import { toRules } from "../schedule/rules.ts";
import type { MigrationFile } from "../sql/migration-files.ts";
import { findRequired } from "../settings/missing.ts";

/** The plan, as the API sends it. */
export type Plan = z.infer<typeof planShape>;

/** One version as planning sees it. */
export interface PlannedVersion {
  readonly manifest: PluginManifest;
  readonly exports: PluginExports;
  readonly digest: string;
  readonly bytes: number;
  readonly unusedKeys: readonly string[];
  readonly migrations: readonly MigrationFile[];
  readonly signature: BundleSignature | null;
  /** What the scan of its code found; null: it was uploaded before there was one. */
  readonly scan: readonly ScanFinding[] | null;
}

/** The installed version an update starts from. */
export interface InstalledVersion {
  readonly manifest: PluginManifest;
  readonly exports: PluginExports;
  readonly digest: string;
  readonly signature: BundleSignature | null;
}

/** What else a plan says. */
export interface PlanParts {
  /** Its own tables once its migrations have run. */
  readonly tables: Result<readonly string[], string>;
  /** What it refuses is among the findings. */
  readonly policy: Policy;
  readonly offer: Pick<Offer, "events">;
  /** Addresses it asks for that another plugin holds; among the findings too. */
  readonly taken: readonly TakenPath[];
  readonly keys: PublisherKeys;
  /** The key its updates are held to. */
  readonly pin: PinRow | null;
}

/** The plan for a version, over what is installed. */
export async function planVersion(
  next: PlannedVersion,
  installed: InstalledVersion | undefined,
  { tables, policy, offer, taken, keys, pin }: PlanParts,
): Promise<Plan> {
  const { manifest, exports } = next;
  const before: readonly Capability[] = installed?.manifest.capabilities ?? [];
  const hostsBefore = installed?.manifest.allowedHosts ?? [];
  const addedHosts = manifest.allowedHosts.filter((host) => !hostsBefore.includes(host));
  const newlyPublic = exports.routes.filter(
    (route) => route.public && !installed?.exports.routes.some((old) => old.name === route.name && old.public),
  );
  const optional = manifest.bulkhead.optional ?? [];
  const capability = (name: Capability, change: "added" | "kept" | "removed"): Plan["capabilities"][number] => ({
    name,
    ...pick(describeCapability(name)),
    change,
    purpose: manifest.bulkhead.purposes?.[name] ?? null,
    optional: optional.includes(name),
    targetKind: describeCapability(name).targets ?? null,
    ...planTargets(name, manifest, installed?.manifest),
  });
  const capabilities = [
    ...manifest.capabilities.map((name) => capability(name, before.includes(name) ? "kept" : "added")),
    ...before.filter((name) => !manifest.capabilities.includes(name)).map((name) => capability(name, "removed")),
  ];
  const hostsFromSettings = manifest.bulkhead.network?.hostsFromSettings ?? [];
  const schema = manifest.admin.settingsSchema;
  const required = findRequired(manifest, (key) => (schema[key] ? defaultSetting(schema[key]) : undefined));
  const hooks = planHooks(exports, offer, (name) => manifest.capabilities.includes(name));
  const widened = installed ? findWidenedSecrets(manifest, installed.manifest) : [];
  const change = judgeSigner(next.signature, { pin, installed: installed?.signature ?? null, keys });
  const plan: Omit<Plan, "hash"> = {
    kind: installed ? "update" : "install",
    plugin: {
      id: manifest.id,
      name: manifest.name,
      description: manifest.description,
      version: manifest.version,
      digest: next.digest,
    },
    signer: planSigner(next, { keys, pin, change }),
    from: installed ? { version: installed.manifest.version, digest: installed.digest } : null,
    capabilities,
    hosts: [...manifest.allowedHosts],
    addedHosts,
    hostsFromSettings: [...hostsFromSettings],
    tables: tables.ok ? [...tables.value] : [],
    routes: exports.routes.map(({ name, public: open }) => ({ name, public: open })),
    hooks,
    schedules: (manifest.bulkhead.schedules ?? []).map((schedule) => ({
      name: schedule.name,
      cron: schedule.cron,
      timezone: schedule.timezone ?? "UTC",
      jitter: toRules(schedule).jitterSeconds,
      nextRunAt: null,
    })),
    settings: Object.entries(manifest.admin.settingsSchema).map(([key, field]) => ({
      key,
      label: field.label,
      secret: field.type === "secret",
      required: required.has(key),
    })),
    secrets: describeSecrets(manifest).map(({ key, hosts, pointers, readable }) => ({
      key,
      hosts: [...hosts],
      pointers: [...pointers],
      readable,
    })),
    findings: [
      ...(tables.ok ? [] : [{ level: "danger" as const, code: "migration", message: tables.reason }]),
      ...findFindings(next, {
        newlyPublic: newlyPublic.map((route) => route.name),
        hooks,
        widened,
        policy,
        taken,
        keys,
        pin,
        change,
      }),
    ],
    escalation:
      widened.length > 0 ||
      needsAcceptance(change) ||
      capabilities.some((item) => item.change === "added" || item.addedTargets.length > 0) ||
      addedHosts.length > 0 ||
      newlyPublic.length > 0 ||
      hostsFromSettings.some((key) => !installed?.manifest.bulkhead.network?.hostsFromSettings?.includes(key)),
    bytes: next.bytes,
  };
  return { hash: await sha256(`bulkhead-plan-1\n${toCanonicalJson(plan)}`), ...plan };
}

/** Who signed it, and how that stands to what came before. */
function planSigner(
  { signature }: PlannedVersion,
  { keys, pin, change }: Pick<PlanParts, "keys" | "pin"> & { readonly change: SignerChange },
): Plan["signer"] {
  return {
    ...viewSigner(signature, keys),
    change,
    pinnedKeyId: pin?.key_id ?? null,
    accept: needsAcceptance(change) ? (signature?.keyId ?? "unsigned") : null,
  };
}

function pick({ label, group, risk }: ReturnType<typeof describeCapability>) {
  return { label, group, risk };
}

/** What a power is asked for, and what of it the installed version did not ask it for. */
function planTargets(
  name: Capability,
  next: PluginManifest,
  installed: PluginManifest | undefined,
): Pick<Plan["capabilities"][number], "targets" | "addedTargets"> {
  const targets = requestedTargets(next, name);
  const before = installed?.capabilities.includes(name) ? requestedTargets(installed, name) : [];
  const addedTargets = installed ? (targets ?? []).filter((target) => !before?.includes(target)) : [];
  return { targets: targets && [...targets], addedTargets };
}

/** Hooks with whether they will be delivered, given the powers the plugin has. */
export function planHooks(
  exports: PluginExports,
  { events }: Pick<Offer, "events">,
  has: (capability: Capability) => boolean,
): Plan["hooks"] {
  return exports.hooks.map(({ name }) => {
    if (!isHookName(name) || !events.has(name)) {
      return { name, when: "never", active: false, observes: false, reason: "This host does not fire this event yet" };
    }
    const { when, capability, observeWith } = describeHook(name);
    if (capability === null || has(capability)) return { name, when, active: true, observes: false, reason: null };
    if (observeWith !== undefined && has(observeWith)) {
      const reason = `It may watch; changing the value would need ${capability}`;
      return { name, when, active: true, observes: true, reason };
    }
    return { name, when, active: false, observes: false, reason: `It needs ${capability}, which is not granted` };
  });
}
