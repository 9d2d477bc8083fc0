/**
 * Do the hooks and routes that the code exports agree with the manifest? What inspection reports comes out of the
 * plugin's own VM, so it is parsed like anything a stranger sends.
 */
import {
  DECLARED_UNDER,
  HOOK_DEFAULTS,
  describeHook,
  isHookName,
  isKnownHook,
  type PluginManifest,
} from "@bulkhead/sdk";
import { z } from "zod";
import { fail, ok, type Result } from "../result.ts";

const inspection = z.object({
  hooks: z
    .array(
      z.object({
        name: z.string().max(64),
        callable: z.boolean(),
        priority: z.number().int().min(-10_000).max(10_000).optional(),
        timeout: z.number().int().positive().max(600_000).optional(),
        errorPolicy: z.enum(["continue", "abort"]).optional(),
        dependencies: z.array(z.string().max(64)).max(32).optional(),
        exclusive: z.boolean().optional(),
      }),
    )
    .max(64),
  routes: z.array(z.object({ name: z.string().max(128), callable: z.boolean(), public: z.boolean() })).max(128),
});

/** A hook of a version, with everything dispatch needs. */
export interface ExportedHook {
  readonly name: string;
  readonly priority: number;
  readonly timeoutMs: number;
  readonly errorPolicy: "continue" | "abort";
  readonly dependencies: readonly string[];
}
/** A route of a version. */
export interface ExportedRoute {
  readonly name: string;
  readonly public: boolean;
}
/** What a version's code offers. Stored with the version. */
export interface PluginExports {
  readonly hooks: readonly ExportedHook[];
  readonly routes: readonly ExportedRoute[];
}
/** A disagreement between code and manifest. */
export interface ExportIssue {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** Matches what inspection found with what the manifest declares. */
export function matchExports(found: unknown, manifest: PluginManifest): Result<PluginExports, readonly ExportIssue[]> {
  const parsed = inspection.safeParse(found);
  if (!parsed.success) {
    return fail(
      parsed.error.issues.map((issue) => ({
        path: `backend.js#${issue.path.join(".")}`,
        code: "invalid",
        message: `The exported hooks or routes have a wrong shape: ${issue.message}`,
      })),
    );
  }
  const issues: ExportIssue[] = [];
  const hooks: ExportedHook[] = [];
  const routes: ExportedRoute[] = [];
  const exported = new Map(parsed.data.hooks.map((hook) => [hook.name, hook]));
  for (const [i, declared] of manifest.hooks.entries()) {
    const path = `hooks[${i}]`;
    issues.push(...missingCapability(declared.name, path, manifest));
    const hook = exported.get(declared.name);
    if (!hook?.callable) {
      issues.push({
        path,
        code: "not-exported",
        message: `The manifest declares the hook "${declared.name}", but backend.js exports no function for it`,
      });
      continue;
    }
    hooks.push({
      name: hook.name,
      priority: hook.priority ?? declared.priority ?? HOOK_DEFAULTS.priority,
      timeoutMs: hook.timeout ?? declared.timeout ?? HOOK_DEFAULTS.timeoutMs,
      errorPolicy: hook.errorPolicy ?? HOOK_DEFAULTS.errorPolicy,
      dependencies: hook.dependencies ?? [],
    });
  }
  for (const hook of exported.values()) {
    if (!isKnownHook(hook.name)) {
      issues.push({
        path: "backend.js#hooks",
        code: "unknown-hook",
        message: `backend.js exports the hook "${hook.name}", which does not exist`,
      });
    } else if (!manifest.hooks.some((declared) => declared.name === hook.name)) {
      issues.push({
        path: "hooks",
        code: "not-declared",
        message: `backend.js exports the hook "${hook.name}", but the manifest does not declare it. Add it to "hooks"`,
      });
    }
  }
  const handlers = new Map(parsed.data.routes.map((route) => [route.name, route]));
  for (const [i, declared] of manifest.routes.entries()) {
    if (!handlers.get(declared.name)?.callable) {
      issues.push({
        path: `routes[${i}]`,
        code: "not-exported",
        message: `The manifest declares the route "${declared.name}", but backend.js exports no function for it`,
      });
      continue;
    }
    // SECURITY: only the manifest, which people read, makes a route public. (tests/host/updates.test.ts, "is public only where its manifest says so")
    routes.push({ name: declared.name, public: declared.public });
  }
  for (const route of handlers.values()) {
    if (!manifest.routes.some((declared) => declared.name === route.name)) {
      issues.push({
        path: "routes",
        code: "not-declared",
        message: `backend.js exports the route "${route.name}", but the manifest does not declare it. Add it to "routes"`,
      });
    } else if (route.public && !routes.some((declared) => declared.name === route.name && declared.public)) {
      issues.push({
        path: "routes",
        code: "conflict",
        message: `backend.js marks the route "${route.name}" public, the manifest does not. Add {"name": "${route.name}", "public": true}`,
      });
    }
  }
  if ((manifest.bulkhead.schedules?.length ?? 0) > 0 && !hooks.some((hook) => hook.name === "cron")) {
    issues.push({
      path: "bulkhead.schedules",
      code: "missing-hook",
      message: 'Schedules need the hook "cron". Export it and add it to "hooks"',
    });
  }
  if (
    (manifest.admin.pages.length > 0 || manifest.admin.widgets.length > 0) &&
    !routes.some((route) => route.name === "admin")
  ) {
    issues.push({
      path: "admin.pages",
      code: "missing-route",
      message: 'Pages and widgets need the route "admin". Export it and add it to "routes"',
    });
  }
  return issues.length > 0 ? fail(issues) : ok({ hooks, routes });
}

function missingCapability(name: string, path: string, manifest: PluginManifest): readonly ExportIssue[] {
  if (!isHookName(name)) return [];
  const { capability, observeWith, undeclared } = describeHook(name);
  if (undeclared === "inactive") return [];
  const requested: readonly string[] = manifest.capabilities;
  if (capability === null || requested.includes(capability)) return [];
  if (observeWith !== undefined && requested.includes(observeWith)) return [];
  const declared = DECLARED_UNDER[capability];
  const fix = declared === undefined ? 'Add it to "capabilities"' : `Add "bulkhead.${declared}"`;
  const message = `The hook "${name}" needs the capability "${capability}". ${fix} or remove the hook`;
  return [{ path, code: "missing-capability", message }];
}
