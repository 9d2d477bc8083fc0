/** What should somebody know before saying yes? Sentences about a version's reach, the worst of what it could do. Pure. */
import type { Capability } from "@bulkhead/sdk";
import { findLowered } from "../policy/ceilings.ts";
import type { Policy } from "../policy/document.ts";
import { findRefusals, toRequestedPowers } from "../policy/refusals.ts";
import type { Plan, PlannedVersion } from "./plan.ts";
import { describeSecrets, type SecretReach } from "./secret-reach.ts";

type Finding = Plan["findings"][number];

/** What the plan has found out already. */
export interface Known {
  readonly newlyPublic: readonly string[];
  readonly hooks: Plan["hooks"];
  /** Secrets that reach further than in the installed version. */
  readonly widened: readonly SecretReach[];
  readonly policy: Policy;
}

/** The findings, in the order in which they are read. */
export function findFindings(next: PlannedVersion, { newlyPublic, hooks, widened, policy }: Known): readonly Finding[] {
  const { manifest } = next;
  const found: Finding[] = [];
  const add = (level: Finding["level"], code: string, message: string): void =>
    void found.push({ level, code, message });
  const has = (name: Capability): boolean => manifest.capabilities.includes(name);

  for (const { message, isPart } of findRefusals(policy, manifest, toRequestedPowers(manifest)))
    add(isPart ? "info" : "danger", isPart ? "policy-part" : "policy", message);
  for (const { kind, key, asked, most } of findLowered(policy, manifest))
    add("warning", "policy-budget", `It asks for ${asked} ${key} for each ${kind}; the policy gives ${most}.`);
  for (const { key, hosts, readable } of widened) {
    const where = readable ? "and lets its code read it" : `and sends it to ${hosts.join(", ")}`;
    add("danger", "secret-reaches-further", `It takes the secret "${key}" further than before ${where}.`);
  }
  const hosts = has("network:request:unrestricted")
    ? "any host"
    : manifest.allowedHosts.join(", ") || "hosts from its settings";
  for (const [sends, how] of [
    ["network:request", `send data to ${hosts}`],
    ["email:send", "send it by e-mail to anybody"],
    ["ai:generate", "pass it on to your AI provider"],
  ] as const) {
    for (const [reads, what] of [
      ["content:read", "all content, drafts included"],
      ["users:read", "user accounts"],
      ["media:read", "the media library"],
      ["database:drafts", "every row and column of tables of your site"],
    ] as const) {
      if (has(sends) && has(reads)) add("warning", "reads-and-sends", `It can read ${what} and ${how}.`);
    }
  }
  for (const route of newlyPublic) {
    add("warning", "public-route", `Anybody on the internet can call its route "${route}".`);
  }
  if (hooks.some((hook) => hook.active && hook.name === "page:metadata")) {
    const message =
      "It adds to the head of every public page: what search engines and social networks see, robots and site verification included.";
    add("warning", "page-head", message);
  }
  for (const secret of describeSecrets(manifest)) {
    if (secret.readable) {
      add("warning", "readable-secret", `Its code can read the secret "${secret.key}" once you set it.`);
    }
  }
  for (const hook of hooks) {
    if (!hook.active) add("info", "inactive-hook", `Its hook "${hook.name}" will not run: ${hook.reason}.`);
    else if (hook.observes) add("info", "observing-hook", `Its hook "${hook.name}" only watches. ${hook.reason}.`);
  }
  if (has("page:slots") || has("page:paths")) {
    add("info", "not-served", "This host does not draw blocks of plugins or serve addresses of theirs yet.");
  }
  if (next.unusedKeys.length > 0) {
    const keys = next.unusedKeys.join(", ").slice(0, 200);
    add("info", "unused-keys", `This host does not use these parts of its manifest: ${keys}.`);
  }
  return found;
}
