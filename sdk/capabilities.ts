/**
 * What powers exist, what each one says to a person, and what each one implies. The vocabulary is EmDash's, plus the
 * EmDash 1.x names this host implements, plus what the application that mounts the host declares; a name outside of it is
 * refused at upload.
 */
import { normalizeCapability } from "@emdash-cms/plugin-types";

/** How a power shows up for the person who consents. */
export type CapabilityGroup = "reads" | "changes" | "sends" | "runs";

/** How much harm the power can do when it is abused. */
export type CapabilityRisk = "low" | "medium" | "high";

/** What a power can be narrowed to. */
export type TargetKind = "hosts" | "collections" | "tables" | "slots" | "paths";

/** One named power. */
export interface CapabilityDefinition {
  /** The consent sentence: what the plugin can do, for somebody who has never seen this product. */
  readonly label: string;
  readonly group: CapabilityGroup;
  readonly risk: CapabilityRisk;
  /** Powers that come with it. */
  readonly implies: readonly Capability[];
  /** What a grant of it may name; absent where there is nothing to choose. */
  readonly targets?: TargetKind;
}

/** The table of powers, in the order in which people read them. */
export const CAPABILITIES = {
  "content:read": {
    label: "Read your content, drafts included",
    group: "reads",
    risk: "low",
    implies: [],
    targets: "collections",
  },
  "content:revisions:read": {
    label: "Read earlier versions of your content",
    group: "reads",
    risk: "low",
    implies: ["content:read"],
    targets: "collections",
  },
  "content:write": {
    label: "Create, change and delete your content, published posts included",
    group: "changes",
    risk: "high",
    implies: ["content:read"],
    targets: "collections",
  },
  "content:publish": {
    label: "Publish and unpublish your content",
    group: "changes",
    risk: "high",
    implies: ["content:read"],
    targets: "collections",
  },
  "taxonomies:read": { label: "Read your categories and tags", group: "reads", risk: "low", implies: [] },
  "media:read": { label: "Read your media library", group: "reads", risk: "low", implies: [] },
  "media:write": {
    label: "Upload media files and delete those it uploaded",
    group: "changes",
    risk: "high",
    implies: ["media:read"],
  },
  "users:read": {
    label: "Read user accounts: names, e-mail addresses and roles",
    group: "reads",
    risk: "high",
    implies: [],
  },
  "network:request": {
    label: "Send requests to the hosts listed below",
    group: "sends",
    risk: "medium",
    implies: [],
    targets: "hosts",
  },
  "network:request:unrestricted": {
    label: "Send requests to any host on the internet",
    group: "sends",
    risk: "high",
    implies: ["network:request"],
  },
  "email:send": { label: "Send e-mail in your site's name", group: "sends", risk: "high", implies: [] },
  "ai:generate": {
    label: "Use your AI provider, up to the budget you set",
    group: "sends",
    risk: "medium",
    implies: [],
  },
  "hooks.email-transport:register": {
    label: "Deliver every e-mail your site sends",
    group: "sends",
    risk: "high",
    implies: [],
  },
  "hooks.email-events:register": {
    label: "Read and change e-mail your site sends",
    group: "reads",
    risk: "high",
    implies: [],
  },
  "hooks.page-fragments:register": {
    label: "Put scripts on your pages",
    group: "changes",
    risk: "high",
    implies: [],
  },
  "database:own": {
    label: "Keep its own tables in your database",
    group: "runs",
    risk: "low",
    implies: [],
  },
  "database:read": {
    label: "Read these tables of your site: published rows, public columns",
    group: "reads",
    risk: "medium",
    implies: ["database:own"],
    targets: "tables",
  },
  "database:drafts": {
    label: "Read drafts and every column of the tables it may read",
    group: "reads",
    risk: "medium",
    implies: ["database:read"],
  },
  "database:write": {
    label: "Change these tables of your site directly, past drafts, revisions and other plugins' checks",
    group: "changes",
    risk: "high",
    implies: ["database:own"],
    targets: "tables",
  },
  "page:slots": {
    label: "Add blocks to your public pages, at these places",
    group: "changes",
    risk: "medium",
    implies: [],
    targets: "slots",
  },
  "page:paths": {
    label: "Answer these addresses of your site instead of the site",
    group: "changes",
    risk: "high",
    implies: [],
    targets: "paths",
  },
} as const satisfies Record<string, Definition>;

interface Definition extends Omit<CapabilityDefinition, "implies"> {
  readonly implies: readonly string[];
}

/** The name of a power: one of `CAPABILITIES`, or a declared one such as `invoice:read`. */
export type Capability = `${string}:${string}`;

/** What the words mean is the code's, not one host's: an isolate has one dictionary. */
const known = new Map<string, CapabilityDefinition>(Object.entries(CAPABILITIES));
let names = [...known.keys()] as readonly Capability[];

const NAME = /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*(:[a-z][a-z0-9-]*)+$/;
const NAME_CHARS = 64;

/**
 * Adds a power to the vocabulary, for the methods and events an application adds. Do it before a host is made.
 *
 * @throws for a name that is none, that means something else already, or that brings along what is not declared.
 */
export function declareCapability(name: Capability, definition: CapabilityDefinition): void {
  const meant = known.get(name);
  if (meant) {
    if (JSON.stringify(meant) === JSON.stringify(definition)) return;
    // SECURITY: nobody gives a known word another meaning. (tests/embedding/vocabulary.test.ts, "declared once")
    throw new Error(
      `Cannot declare the capability "${name}": it is declared with another meaning. Choose another name`,
    );
  }
  if (!NAME.test(name) || name.length > NAME_CHARS) {
    throw new Error(
      `Cannot declare the capability "${name}": expected lower-case words such as invoice:read, at most ${NAME_CHARS} characters`,
    );
  }
  const missing = definition.implies.find((implied) => !known.has(implied));
  if (missing !== undefined) {
    throw new Error(`Cannot declare the capability "${name}": it implies "${missing}", which is not declared`);
  }
  known.set(name, { ...definition, implies: [...definition.implies] });
  names = [...known.keys()] as readonly Capability[];
}

/** Every capability name there is, current names only, in the order in which people read them. */
export function capabilityNames(): readonly Capability[] {
  return names;
}

/** Whether a string is the current name of a known capability. */
export function isCapability(name: string): name is Capability {
  return known.has(name);
}

/** The current name for a current or deprecated one (`read:content` becomes `content:read`), or undefined. */
export function toCapability(name: string): Capability | undefined {
  const current = normalizeCapability(name);
  return isCapability(current) ? current : undefined;
}

/** What the vocabulary says of a capability. Throws for one that is not in it. */
export function describeCapability(name: Capability): CapabilityDefinition {
  const definition = known.get(name);
  if (!definition) throw new Error(`There is no capability "${name}"`);
  return definition;
}

/** The capabilities and all they imply, each once, in the order of the vocabulary. */
export function withImplied(given: Iterable<Capability>): readonly Capability[] {
  const found = new Set<Capability>();
  const add = (name: Capability): void => {
    if (found.has(name)) return;
    found.add(name);
    for (const implied of describeCapability(name).implies) add(implied);
  };
  for (const name of given) add(name);
  return names.filter((name) => found.has(name));
}
