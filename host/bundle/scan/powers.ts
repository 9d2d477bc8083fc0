/** Which powers does the code use and not ask for, and which does it ask for and not use? By what was followed of `ctx`. Pure. */
import { describeCapability, describeHook, isHookName, type Capability, type PluginManifest } from "@bulkhead/sdk";
import type { Flow } from "./flow.ts";
import type { ScanFinding } from "./finding.ts";
import type { Places } from "./places.ts";

/** A method of `ctx` and what it needs. */
export interface ScannedMethod {
  readonly name: string;
  readonly capability: Capability | null;
}

/** What the answer rests on. */
export interface PowerFacts {
  readonly manifest: PluginManifest;
  readonly methods: readonly ScannedMethod[];
  readonly flow: Flow;
  /** Every name, key and short text of the code. */
  readonly words: ReadonlySet<string>;
  readonly places: Places;
}

/** The findings. */
export function findPowerFindings({ manifest, methods, flow, words, places }: PowerFacts): readonly ScanFinding[] {
  const found: ScanFinding[] = [];
  const needs = toNeeds(methods);
  const used = new Set<Capability>();
  const missing = new Map<Capability, { readonly path: string; readonly at: number }>();
  for (const [path, at] of flow.uses) {
    const capability = needs(path);
    if (capability === null) continue;
    used.add(capability);
    const known = missing.get(capability);
    if (!manifest.capabilities.includes(capability) && (!known || at < known.at)) missing.set(capability, { path, at });
  }
  for (const [capability, { path, at }] of missing)
    found.push({
      level: "warning",
      code: "power-not-requested",
      message: `Its code uses ${path} (${places(at)}), which needs ${capability}. It does not ask for that, so the call will be refused.`,
    });

  const hidden = flow.dynamic.get("ctx");
  if (hidden !== undefined)
    found.push({
      level: "info",
      code: "power-by-computed-name",
      message: `Its code takes members of ctx by names that are only known when it runs (${places(hidden)}): which powers it uses cannot be read off it.`,
    });
  if (hidden !== undefined || flow.escapes || !flow.isComplete) return found;

  for (const { name } of manifest.hooks) if (isHookName(name)) addHook(used, name);
  const implied = new Set(manifest.capabilities.flatMap((name) => describeCapability(name).implies));
  for (const capability of manifest.capabilities) {
    const own = methods.filter((method) => method.capability === capability);
    // What comes with another, or opens no method, is not asked for in vain.
    if (own.length === 0 || used.has(capability) || implied.has(capability)) continue;
    // Seen nowhere, not even where it could not be followed.
    if (own.some(({ name }) => name.split(".").every((word) => words.has(word)))) continue;
    found.push({
      level: "info",
      code: "power-not-used",
      message: `It asks for ${capability}, and its code shows no use of it.`,
    });
  }
  return found;
}

/** Which power a path needs: a method its own; a family, and what the host makes of it in the VM, the one all its methods have. */
function toNeeds(methods: readonly ScannedMethod[]): (path: string) => Capability | null {
  const byName = new Map(methods.map(({ name, capability }) => [name, capability]));
  const byFamily = Map.groupBy(methods, ({ name }) => name.slice(0, name.indexOf(".")));
  return (path) => {
    const [root, family = "", method] = path.split(".");
    if (root !== "ctx") return null;
    const own = method === undefined ? undefined : byName.get(`${family}.${method}`);
    if (own !== undefined) return own;
    const all = new Set((byFamily.get(family) ?? []).map(({ capability }) => capability));
    return all.size === 1 ? [...all][0]! : null;
  };
}

function addHook(used: Set<Capability>, name: string): void {
  if (!isHookName(name)) return;
  const { capability, observeWith } = describeHook(name);
  if (capability !== null) used.add(capability);
  if (observeWith !== undefined) used.add(observeWith);
}
