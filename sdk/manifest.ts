/**
 * Is this `manifest.json` one the host can serve? Parses EmDash's wire manifest and the `bulkhead` additions, rewrites
 * deprecated capability names, and answers with every fault at once: where it is, what was expected and the fix.
 */
import {
  declaredAccessToCapabilities,
  isPluginSlug,
  isPluginVersion,
  type DeclaredAccess,
} from "@emdash-cms/plugin-types";
import type { z } from "zod";
import { API_VERSION, includesApiVersion } from "./api-version.ts";
import { capabilityNames, toCapability, withImplied, type Capability } from "./capabilities.ts";
import { parseHostPattern, toHostPatternText } from "./host-pattern.ts";
import {
  additionsSchema,
  COLLECTION,
  hostsSchema,
  SETTING_HOST,
  SETTING_KEY,
  wireSchema,
  type ManifestAdditions,
} from "./manifest-schema.ts";
import { toDeclaredCapabilities } from "./requested.ts";
import type { SettingsSchema } from "./settings.ts";

/** A hook as the manifest names it. */
export interface ManifestHook {
  readonly name: string;
  readonly priority?: number | undefined;
  readonly timeout?: number | undefined;
  readonly exclusive?: boolean | undefined;
}
/** A route as the manifest names it. */
export interface ManifestRoute {
  readonly name: string;
  readonly public: boolean;
}
/** A manifest that passed. Capabilities carry current names, and those they imply. */
export interface PluginManifest {
  readonly id: string;
  readonly version: string;
  readonly name: string;
  readonly description: string;
  readonly capabilities: readonly Capability[];
  readonly allowedHosts: readonly string[];
  readonly storage: Readonly<
    Record<
      string,
      {
        readonly indexes: readonly (string | readonly string[])[];
        readonly uniqueIndexes?: readonly (string | readonly string[])[] | undefined;
      }
    >
  >;
  readonly hooks: readonly ManifestHook[];
  readonly routes: readonly ManifestRoute[];
  readonly admin: {
    readonly settingsSchema: SettingsSchema;
    readonly pages: readonly { readonly path: string; readonly label: string; readonly icon?: string | undefined }[];
    readonly widgets: readonly {
      readonly id: string;
      readonly title?: string | undefined;
      readonly size?: string | undefined;
    }[];
  };
  readonly bulkhead: ManifestAdditions;
}

/** One fault of a manifest. */
export interface ManifestIssue {
  /** Where: `bulkhead.schedules[0].cron`; empty for the whole file. */
  readonly path: string;
  readonly code: "invalid" | "unknown-capability" | "unsupported-api-version" | "missing" | "conflict";
  readonly message: string;
}

export type ManifestResult =
  | { readonly ok: true; readonly manifest: PluginManifest }
  | { readonly ok: false; readonly issues: readonly ManifestIssue[] };

/** Parses the JSON value of a `manifest.json`. Pure; never throws on bad input. */
export function parseManifest(json: unknown): ManifestResult {
  const parsed = wireSchema.safeParse(json);
  if (!parsed.success) return { ok: false, issues: parsed.error.issues.map(toIssue) };
  const wire = parsed.data;
  const issues: ManifestIssue[] = [];
  const fault = (path: string, code: ManifestIssue["code"], message: string): void => {
    issues.push({ path, code, message });
  };

  if (!isPluginSlug(wire.id)) {
    fault(
      "id",
      "invalid",
      `"${clip(wire.id)}" is not a plugin id: expected lower-case letters, digits, - and _, starting with a letter, at most 64`,
    );
  }
  if (!isPluginVersion(wire.version))
    fault("version", "invalid", `"${clip(wire.version)}" is not a semantic version such as 1.0.0`);

  const access = wire.declaredAccess ? declaredAccessToCapabilities(wire.declaredAccess as DeclaredAccess) : undefined;
  const declaredHosts = hostsSchema.safeParse(access?.allowedHosts ?? []);
  for (const issue of declaredHosts.error?.issues ?? []) {
    const { path, ...rest } = toIssue(issue);
    issues.push({ ...rest, path: `declaredAccess.network.request.allowedHosts${path}` });
  }
  for (const key of ["hooks", "routes"] as const) {
    const names = wire[key].map((entry) => (typeof entry === "string" ? entry : entry.name));
    const twice = names.findIndex((name, i) => names.indexOf(name) !== i);
    if (twice !== -1) fault(`${key}[${twice}]`, "conflict", `"${clip(names[twice]!)}" is listed twice`);
  }
  const requested = [...new Set([...(access?.capabilities ?? []), ...wire.capabilities])];
  // What is no pattern is a fault already.
  const patterns = [...(access?.allowedHosts ?? []), ...wire.allowedHosts].map(parseHostPattern);
  const allowedHosts = [
    ...new Set(patterns.filter((pattern) => pattern !== undefined).map((pattern) => toHostPatternText(pattern))),
  ];
  const capabilities: Capability[] = [];
  for (const name of requested) {
    const capability = toCapability(name);
    if (capability) capabilities.push(capability);
    else {
      fault(
        `capabilities[${wire.capabilities.indexOf(name)}]`,
        "unknown-capability",
        `"${clip(name)}" is not a capability of this host. Remove it or use one of: ${capabilityNames().join(", ")}`,
      );
    }
  }

  const additions = wire.bulkhead;
  for (const capability of capabilities) {
    // What a power reaches stands in one place, so it is asked for there.
    const place = DECLARED_UNDER[capability];
    if (place !== undefined && !toDeclaredCapabilities(additions).includes(capability)) {
      fault(
        `capabilities[${wire.capabilities.indexOf(capability)}]`,
        "missing",
        `"${capability}" is asked for by declaring what it reaches: add "bulkhead.${place}"`,
      );
    }
  }
  capabilities.push(...toDeclaredCapabilities(additions));
  const settingsSchema: SettingsSchema = wire.admin.settingsSchema ?? {};
  const isSetting = (key: string): boolean => Object.hasOwn(settingsSchema, key);
  for (const key of Object.keys(settingsSchema)) {
    if (!SETTING_KEY.test(key))
      fault(
        `admin.settingsSchema.${clip(key)}`,
        "invalid",
        "A setting's key has letters, digits, - and _, starts with a letter and has at most 64 characters",
      );
  }
  const fromSettings = additions.network?.hostsFromSettings ?? [];
  for (const [i, key] of fromSettings.entries()) {
    if (!isSetting(key))
      fault(`bulkhead.network.hostsFromSettings[${i}]`, "missing", `"${key}" is not in admin.settingsSchema`);
  }
  for (const [key, secret] of Object.entries(additions.secrets ?? {})) {
    if (settingsSchema[key]?.type !== "secret")
      fault(`bulkhead.secrets.${key}`, "missing", `Expected admin.settingsSchema.${key} of type "secret"`);
    for (const [i, pattern] of secret.hosts.entries()) {
      const setting = SETTING_HOST.exec(pattern)?.[1];
      if (setting !== undefined && !fromSettings.includes(setting)) {
        fault(
          `bulkhead.secrets.${key}.hosts[${i}]`,
          "missing",
          `"${setting}" is not in bulkhead.network.hostsFromSettings`,
        );
      }
    }
  }
  for (const [i, required] of (additions.requiredSettings ?? []).entries()) {
    for (const key of [required.key, ...Object.keys(required.when ?? {})]) {
      if (!isSetting(key))
        fault(`bulkhead.requiredSettings[${i}]`, "missing", `"${key}" is not in admin.settingsSchema`);
    }
  }
  const granted = withImplied(capabilities);
  const networked = granted.includes("network:request");
  const unrestricted = granted.includes("network:request:unrestricted");
  if (networked && !unrestricted && allowedHosts.length === 0 && fromSettings.length === 0) {
    fault(
      "allowedHosts",
      "missing",
      'The capability network:request needs at least one host. Add "allowedHosts": ["api.example.com"]',
    );
  }
  if (!networked && (allowedHosts.length > 0 || fromSettings.length > 0)) {
    fault(
      "allowedHosts",
      "conflict",
      'Hosts are listed, but the capability network:request is not requested. Add it to "capabilities" or remove the hosts',
    );
  }
  if (additions.database?.drafts === true && !additions.database.read?.length) {
    fault("bulkhead.database.drafts", "conflict", "There are no tables to read drafts of. List them under read");
  }
  if (additions.apiVersion !== undefined && !includesApiVersion(additions.apiVersion)) {
    fault(
      "bulkhead.apiVersion",
      "unsupported-api-version",
      `The plugin needs ${additions.apiVersion}; this host has ${API_VERSION}`,
    );
  }
  for (const name of Object.keys(wire.storage)) {
    if (!COLLECTION.test(name))
      fault(
        `storage.${clip(name)}`,
        "invalid",
        "A collection's name has lower-case letters, digits and _, and starts with a letter",
      );
  }
  for (const [i, name] of (additions.optional ?? []).entries()) {
    if (!toCapability(name))
      fault(`bulkhead.optional[${i}]`, "unknown-capability", `"${clip(name)}" is not a capability of this host`);
  }
  const names = additions.schedules?.map((schedule) => schedule.name) ?? [];
  if (new Set(names).size !== names.length) fault("bulkhead.schedules", "conflict", "Two schedules have the same name");
  if (issues.length > 0) return { ok: false, issues };

  return {
    ok: true,
    manifest: {
      id: wire.id,
      version: wire.version,
      name: wire.name ?? wire.id,
      description: wire.description ?? "",
      capabilities: granted,
      allowedHosts,
      storage: wire.storage,
      hooks: wire.hooks.map((hook) => (typeof hook === "string" ? { name: hook } : hook)),
      routes: wire.routes.map((route) =>
        typeof route === "string"
          ? { name: route, public: false }
          : { name: route.name, public: route.public ?? false },
      ),
      admin: { settingsSchema, pages: wire.admin.pages ?? [], widgets: wire.admin.widgets ?? [] },
      bulkhead: additions,
    },
  };
}

/** Powers that are requested by declaring what they reach, and where. */
export const DECLARED_UNDER: Readonly<Partial<Record<Capability, string>>> = {
  "database:own": "database",
  "database:read": "database.read",
  "database:drafts": "database.drafts",
  "database:write": "database.write",
  "page:slots": "page.slots",
  "page:paths": "page.paths",
};

function toIssue(issue: z.core.$ZodIssue): ManifestIssue {
  const path = issue.path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  const isMissing = issue.code === "invalid_type" && issue.message.includes("undefined");
  const name = path.replace(/^\./, "");
  if (isMissing) return { path: name, code: "missing", message: `"${name}" is missing: expected ${issue.expected}` };
  if (issue.code === "unrecognized_keys") {
    const known = name === "bulkhead" ? ` Known are: ${Object.keys(additionsSchema.shape).join(", ")}` : "";
    return { path: name, code: "invalid", message: `${issue.message}.${known}` };
  }
  return { path: name, code: "invalid", message: issue.message };
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
