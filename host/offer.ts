/**
 * What may plugins ask this host for? What every host has, and what the application that mounts it adds: powers, events and
 * bridge methods. The words are declared in the vocabulary; which of them a host offers is its own.
 */
import {
  CAPABILITIES,
  HOOKS,
  declareCapability,
  declareHook,
  withImplied,
  type Capability,
  type CapabilityDefinition,
  type HookDefinition,
  type HookName,
  type PluginManifest,
} from "@bulkhead/sdk";
import type { BridgeMethod } from "./bridges/define-bridge.ts";
import { BASE_METHODS } from "./bridges/table.ts";
import type { ProblemIssue } from "./errors.ts";

/** What an application adds to a host. The bundled CMS is one of them: `cms.ts`. */
export interface Extension {
  /** Powers with their consent sentences, by name. */
  readonly capabilities?: Readonly<Record<Capability, CapabilityDefinition>>;
  /** Events the application fires, by name. */
  readonly events?: Readonly<Record<string, HookDefinition>>;
  /** Methods of `ctx`. Families of the host's own keep their names. */
  readonly bridges?: readonly BridgeMethod[];
}

/** What a host offers. */
export interface Offer {
  readonly capabilities: ReadonlySet<Capability>;
  readonly events: ReadonlySet<HookName>;
  readonly bridges: ReadonlyMap<string, BridgeMethod>;
  /** What `ctx` has names for, e.g. `kv.get`. */
  readonly methods: readonly string[];
}

/** Powers every host has. */
const BASE_CAPABILITIES = [
  "network:request",
  "network:request:unrestricted",
  "email:send",
  "ai:generate",
  "database:own",
] as const satisfies readonly (keyof typeof CAPABILITIES)[];

/** Events every host fires: each to its own plugin. */
const BASE_EVENTS = (Object.keys(HOOKS) as (keyof typeof HOOKS)[]).filter((name) => HOOKS[name].kind === "private");

/** The host's own and the extension's. Throws for a word that has another meaning, a method's name that is taken, and a capability nobody declared. */
export function createOffer({ capabilities = {}, events = {}, bridges = [] }: Extension): Offer {
  const powers = Object.entries(capabilities) as [Capability, CapabilityDefinition][];
  const fired = Object.entries(events) as [HookName, HookDefinition][];
  for (const [name, definition] of powers) declareCapability(name, definition);
  for (const [name, definition] of fired) declareHook(name, definition);
  const offered = new Set<Capability>([...powers.map(([name]) => name), ...BASE_CAPABILITIES]);
  const table = new Map<string, BridgeMethod>();
  for (const method of [...BASE_METHODS, ...bridges]) {
    const { name, capability } = method;
    if (!METHOD.test(name)) throw new Error(`Cannot add the method "${name}": expected two words such as invoice.get`);
    if (WRAPPED.has(name.slice(0, name.indexOf("."))) && bridges.includes(method))
      throw new Error(`Cannot add the method "${name}": that part of ctx is the host's own. Choose another family`);
    if (table.has(name)) throw new Error(`Cannot add the method "${name}": there is one of that name`);
    // SECURITY: a method behind a power that nobody can be asked for would look guarded, and be dead. (tests/embedding/vocabulary.test.ts, "a power that is not offered")
    if (capability !== null && !offered.has(capability))
      throw new Error(`Cannot add the method "${name}": it needs ${capability}, which this host does not offer`);
    table.set(name, method);
  }
  return {
    capabilities: offered,
    events: new Set<HookName>([...fired.map(([name]) => name), ...BASE_EVENTS]),
    bridges: table,
    methods: [...table.values()].filter((method) => !method.isInternal).map(({ name }) => name),
  };
}

/** What `ctx` has under these names is made by the host's half in the VM; a method added there would have no name. */
const WRAPPED = new Set(["plugin", "site", "url", "log", "storage", "http", "db"]);
const METHOD = /^[a-z][A-Za-z0-9]*\.[a-z][A-Za-z0-9]*$/;

/** What a manifest asks for that the vocabulary knows and this host does not offer. Pure. */
export function findNotOffered({ capabilities }: Offer, manifest: PluginManifest): readonly ProblemIssue[] {
  const unknown = manifest.capabilities.filter((name) => !capabilities.has(name));
  return (
    unknown
      // What only comes with another is not what its author wrote.
      .filter((name) => !unknown.some((other) => other !== name && withImplied([other]).includes(name)))
      .map((name) => ({
        path: "capabilities",
        code: "unknown-capability",
        message: `"${name}" is not a capability of this host. Remove it or use one of: ${[...capabilities].join(", ")}`,
      }))
  );
}
