/** What can be switched off? Everything, one plugin, one host or one power; the scope as people and KV write it. Pure. */
import { capabilityNames, isCapability, type Capability } from "@bulkhead/sdk";
import { fail, ok, type Result } from "../result.ts";

/** What a switch is about. */
export type Scope =
  | { readonly kind: "all" }
  | { readonly kind: "plugin"; readonly id: string }
  /** A name, or `*.name` for all below it. */
  | { readonly kind: "host"; readonly host: string }
  | { readonly kind: "capability"; readonly capability: Capability };

/** A switch that is thrown. */
export interface Switch {
  readonly scope: Scope;
  /** ISO 8601, or null where only a flag tells of it. */
  readonly at: string | null;
}

/** Longest text of a scope. */
export const SCOPE_CHARS = 300;

const PLUGIN = /^[a-z][a-z0-9_-]{0,63}$/;
const HOST = /^(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/;

/** Reads `all`, a plugin's id, `host:<name>` or `capability:<name>`. A plugin that is called `all` has no switch of its own. */
export function parseScope(text: string): Result<Scope, string> {
  if (text === "all") return ok({ kind: "all" });
  if (text.startsWith("host:")) {
    const host = text.slice("host:".length).toLowerCase().replace(/\.$/, "");
    return HOST.test(host) && host.length <= 253
      ? ok({ kind: "host", host })
      : fail(
          `"${text.slice(0, 80)}" names no host. Expected host:api.example.com or host:*.example.com, without scheme, port or path.`,
        );
  }
  if (text.startsWith("capability:")) {
    const capability = text.slice("capability:".length);
    return isCapability(capability)
      ? ok({ kind: "capability", capability })
      : fail(`"${text.slice(0, 80)}" names no power. Expected capability: and one of ${capabilityNames().join(", ")}.`);
  }
  return PLUGIN.test(text)
    ? ok({ kind: "plugin", id: text })
    : fail(`"${text.slice(0, 80)}" is no scope. Expected all, a plugin's id, host:<name> or capability:<name>.`);
}

/** The one text of a scope. */
export function toScopeText(scope: Scope): string {
  switch (scope.kind) {
    case "all":
      return "all";
    case "plugin":
      return scope.id;
    case "host":
      return `host:${scope.host}`;
    case "capability":
      return `capability:${scope.capability}`;
  }
}
