/** What should somebody know before saying yes? Sentences about a version's reach, the worst of what it could do. Pure. */
import { CAPABILITIES, describeCapability, requestedTargets, sitePathsCollide, type Capability } from "@bulkhead/sdk";
import { findSignerFindings } from "../publishers/findings.ts";
import type { PublisherKeys } from "../publishers/keys.ts";
import { needsAcceptance, type SignerChange } from "../publishers/pin.ts";
import type { PinRow } from "../store/d1/publishers.ts";
import { checkPolicy, describeRefusal } from "../policy/check.ts";
import { findLowered } from "../policy/ceilings.ts";
import type { Policy } from "../policy/document.ts";
import { findRefusals, toRequestedPowers } from "../policy/refusals.ts";
import { describeTaken, type TakenPath } from "./path-holders.ts";
import type { Plan, PlannedVersion } from "./plan.ts";
import { describeSecrets, type SecretReach } from "./secret-reach.ts";

/** What the site shows there itself, as addresses a plugin may ask for. */
const OWN_PATHS = ["/sitemap.xml", "/sitemap-*.xml", "/robots.txt", "/feed.xml", "/posts/*", "/category/*"];

/** What a plugin can carry off, by the power that reads it. What visitors can read anyway is not among it. */
const READS = [
  ["content:read", "all content, drafts included"],
  ["users:read", "user accounts"],
  ["media:read", "the media library"],
  ["database:drafts", "every row and column of tables of your site"],
] as const satisfies readonly (readonly [Capability, string])[];

/** A power to read that the application declared: what is behind it only its sentence says. */
function isDeclaredRead(name: Capability): boolean {
  return !Object.hasOwn(CAPABILITIES, name) && describeCapability(name).group === "reads";
}

type Finding = Plan["findings"][number];

/** What the plan has found out already. */
export interface Known {
  readonly newlyPublic: readonly string[];
  readonly hooks: Plan["hooks"];
  /** Secrets that reach further than in the installed version. */
  readonly widened: readonly SecretReach[];
  readonly policy: Policy;
  /** Addresses that another plugin holds. */
  readonly taken: readonly TakenPath[];
  readonly keys: PublisherKeys;
  readonly pin: PinRow | null;
  readonly change: SignerChange;
}

/** EmDash's powers that no event and no method of this host asks for. */
const NOT_USED: ReadonlySet<string> = new Set([
  "hooks.email-transport:register",
  "hooks.email-events:register",
  "hooks.page-fragments:register",
]);

/** The findings, in the order in which they are read. */
export function findFindings(next: PlannedVersion, known: Known): readonly Finding[] {
  const { newlyPublic, hooks, widened, policy, taken, keys, pin, change } = known;
  const { manifest } = next;
  const found: Finding[] = [];
  const add = (level: Finding["level"], code: string, message: string): void =>
    void found.push({ level, code, message });
  const has = (name: Capability): boolean => manifest.capabilities.includes(name);

  const { signature } = next;
  found.push(...findSignerFindings({ signature, claimed: manifest.bulkhead.publisher, change, pin, keys }));
  const refused = needsAcceptance(change) ? checkPolicy(policy, { of: "signer-change" }) : undefined;
  if (refused) add("danger", "policy", describeRefusal(refused));
  for (const { message, isPart } of findRefusals({ policy, keys }, next, toRequestedPowers(manifest)))
    add(isPart ? "info" : "danger", isPart ? "policy-part" : "policy", message);
  for (const { kind, key, asked, most } of findLowered(policy, manifest))
    add("warning", "policy-budget", `It asks for ${asked} ${key} for each ${kind}; the policy gives ${most}.`);
  for (const path of taken) add("danger", "path-taken", describeTaken(path));
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
    for (const [reads, what] of READS)
      if (has(sends) && has(reads)) add("warning", "reads-and-sends", `It can read ${what} and ${how}.`);
    for (const reads of manifest.capabilities.filter(isDeclaredRead))
      if (has(sends))
        add("warning", "reads-and-sends", `It can read what “${describeCapability(reads).label}” gives it and ${how}.`);
  }
  for (const route of newlyPublic) {
    add("warning", "public-route", `Anybody on the internet can call its route "${route}".`);
  }
  if (hooks.some((hook) => hook.active && hook.name === "page:metadata")) {
    const message =
      "It adds to the head of every public page: what search engines and social networks see, robots and site verification included.";
    add("warning", "page-head", message);
  }
  const replaced = (requestedTargets(manifest, "page:paths") ?? []).filter((path) =>
    OWN_PATHS.some((own) => sitePathsCollide(path, own)),
  );
  if (replaced.length > 0)
    add("warning", "replaces-pages", `It takes the place of pages that the site has itself: ${replaced.join(", ")}.`);
  for (const secret of describeSecrets(manifest)) {
    if (secret.readable) {
      add("warning", "readable-secret", `Its code can read the secret "${secret.key}" once you set it.`);
    }
  }
  for (const hook of hooks) {
    if (!hook.active) add("info", "inactive-hook", `Its hook "${hook.name}" will not run: ${hook.reason}.`);
    else if (hook.observes) add("info", "observing-hook", `Its hook "${hook.name}" only watches. ${hook.reason}.`);
  }
  for (const [capability, hook] of [
    ["page:slots", "page:blocks"],
    ["page:paths", "page:request"],
  ] as const) {
    if (has(capability) && !hooks.some(({ name }) => name === hook))
      add("info", "no-page-hook", `It asks for ${capability} and has no hook "${hook}", so nothing comes of it.`);
  }
  for (const name of manifest.capabilities) {
    if (NOT_USED.has(name))
      add("info", "not-used", `It asks for ${name}, for which this host has no use yet: granting it changes nothing.`);
  }
  if (next.scan === null)
    add("info", "not-scanned", "Its code was not scanned: it was uploaded before this host did so. Upload it again.");
  found.push(...(next.scan ?? []));
  if (next.unusedKeys.length > 0) {
    const keys = next.unusedKeys.join(", ").slice(0, 200);
    add("info", "unused-keys", `This host does not use these parts of its manifest: ${keys}.`);
  }
  return found;
}
