/** What does a `manifest.json` look like, field by field? EmDash's wire schema, its authoring limits, and our additions. */
import { HOOK_NAMES as EMDASH_HOOK_NAMES, pluginManifestSchema } from "@emdash-cms/plugin-types";
import { z } from "zod";
import { hookNames, isHookName } from "./hooks.ts";
import { HOST_PATTERN_CHARS, HOST_PATTERN_WORDS, parseHostPattern } from "./host-pattern.ts";
import { isSitePath, SITE_PATH_CHARS, SITE_PATH_WORDS } from "./site-path.ts";

/** Largest counts and lengths a manifest may have. EmDash's authoring limits, which its wire schema does not check. */
export const MANIFEST_LIMITS = {
  capabilities: 32,
  allowedHosts: 64,
  hostChars: HOST_PATTERN_CHARS,
  collections: 32,
  /** Indexes of a collection, unique ones among them, and fields of one index: each unique one is looked up at every write. */
  indexes: 32,
  uniqueIndexes: 8,
  indexFields: 8,
  fieldChars: 64,
  hooks: 32,
  routes: 64,
  pages: 32,
  widgets: 32,
  labelChars: 128,
  settings: 64,
  schedules: 16,
  /** Tries of a scheduled run after the first that failed. */
  retries: 5,
  /** Seconds by which a schedule may be spread: half the shortest interval that is looked at. */
  jitterSeconds: 1_800,
  secrets: 16,
  purposeChars: 300,
  tables: 16,
  paths: 16,
} as const;

/** A secret's host that a setting names. */
export const SETTING_HOST = /^\{setting:([A-Za-z][A-Za-z0-9_-]*)\}$/;
const NAME = /^[a-zA-Z][a-zA-Z0-9_-]*$/;
/** What a storage collection may be called. */
export const COLLECTION = /^[a-z][a-z0-9_]*$/;
/** Tables of the site that SQL may be granted: content, its SEO, terms, and the media library. */
export const CORE_TABLE = /^(ec_[a-z][a-z0-9_]{0,62}|_emdash_seo|taxonomies|content_taxonomies|media)$/;
/** Places on public pages where plugins' blocks are drawn. */
export const PAGE_SLOTS = ["post.before", "post.after", "list.before", "list.after", "page.footer"] as const;
/** RFC 6901, of at least one part. */
const JSON_POINTER = /^(\/([^~/]|~[01])*)+$/;
/** What a setting may be called. */
export const SETTING_KEY = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

const host = z
  .string()
  .max(MANIFEST_LIMITS.hostChars)
  .refine((text) => parseHostPattern(text) !== undefined, HOST_PATTERN_WORDS);
/** SECURITY: a secret goes over https alone. (tests/host/bad-manifests.test.ts, "a secret over plain http") */
const secretHost = z
  .string()
  .max(MANIFEST_LIMITS.hostChars)
  .refine(
    (text) => SETTING_HOST.test(text) || parseHostPattern(text)?.scheme === "https",
    "Expected a host such as api.example.com, or {setting:key}; a secret is sent over https alone",
  );

/** The hosts a manifest may list. */
export const hostsSchema = z.array(host).max(MANIFEST_LIMITS.allowedHosts);

const coreTables = z
  .array(z.string().regex(CORE_TABLE, "Expected ec_<collection>, _emdash_seo, taxonomies, content_taxonomies or media"))
  .max(MANIFEST_LIMITS.tables);

const budgetSchema = z.strictObject({
  fuel: z.number().int().positive().optional(),
  hostCalls: z.number().int().positive().optional(),
  requests: z.number().int().positive().optional(),
  wallMs: z.number().int().positive().optional(),
});

/** How a schedule's runs follow each other. What is left out is the host's default. */
export const scheduleRulesSchema = z.strictObject({
  /** What comes while a run is under way: left out, or one run more right after it. */
  overlap: z.enum(["skip", "queue"]).optional(),
  /** What was missed, e.g. while the Worker was down: one run for all of it, or none. */
  catchUp: z.enum(["one", "none"]).optional(),
  /** Tries after one that failed. With 0 a run is never tried again, not even where its Worker stopped. */
  retries: z.strictObject({ max: z.number().int().min(0).max(MANIFEST_LIMITS.retries) }).optional(),
  /** Seconds by which it may come late, so that not all plugins run at the full hour. */
  jitter: z.number().int().min(0).max(MANIFEST_LIMITS.jitterSeconds).optional(),
});

/** What this host adds under `bulkhead`. Strict: a key it does not know is refused. */
export const additionsSchema = z.strictObject({
  /** Who publishes it. A name one gives oneself, as long as nobody signed the bundle. */
  publisher: z.string().min(1).max(256).optional(),
  apiVersion: z
    .string()
    .regex(/^\^?\d+(\.\d+){0,2}$/, 'Expected a range such as "^1"')
    .optional(),
  schedules: z
    .array(
      scheduleRulesSchema.extend({
        name: z.string().max(128).regex(NAME, "Expected letters, digits, - and _, starting with a letter"),
        cron: z.string().min(1).max(256),
        timezone: z.string().max(64).optional(),
      }),
    )
    .max(MANIFEST_LIMITS.schedules)
    .optional(),
  secrets: z
    .record(
      z.string().regex(SETTING_KEY),
      z.strictObject({
        hosts: z.array(secretHost).min(1).max(16),
        pointers: z
          .array(z.string().max(200).regex(JSON_POINTER, "Expected a JSON Pointer such as /auth/key"))
          .max(4)
          .optional(),
      }),
    )
    .refine(
      (secrets) => Object.keys(secrets).length <= MANIFEST_LIMITS.secrets,
      `Expected at most ${MANIFEST_LIMITS.secrets} secrets`,
    )
    .optional(),
  network: z.strictObject({ hostsFromSettings: z.array(z.string().regex(SETTING_KEY)).max(8).optional() }).optional(),
  database: z
    .strictObject({
      read: coreTables.optional(),
      write: coreTables.optional(),
      drafts: z.boolean().optional(),
    })
    .optional(),
  page: z
    .strictObject({
      slots: z.array(z.enum(PAGE_SLOTS)).max(PAGE_SLOTS.length).optional(),
      paths: z
        .array(z.string().max(SITE_PATH_CHARS).refine(isSitePath, SITE_PATH_WORDS))
        .max(MANIFEST_LIMITS.paths)
        .optional(),
    })
    .optional(),
  requiredSettings: z
    .array(
      z.strictObject({
        key: z.string().regex(SETTING_KEY),
        when: z.record(z.string().regex(SETTING_KEY), z.string()).optional(),
      }),
    )
    .max(MANIFEST_LIMITS.settings)
    .optional(),
  purposes: z.record(z.string(), z.string().max(MANIFEST_LIMITS.purposeChars)).optional(),
  optional: z.array(z.string()).optional(),
  budgets: z
    .strictObject({
      route: budgetSchema.optional(),
      hook: budgetSchema.optional(),
      page: budgetSchema.optional(),
      schedule: budgetSchema.optional(),
    })
    .optional(),
});

const lengths = MANIFEST_LIMITS;

/** Whether a bundle may export it: an event of the vocabulary, or one that EmDash fires and this host does not. */
export function isKnownHook(name: string): boolean {
  return isHookName(name) || (EMDASH_HOOK_NAMES as readonly string[]).includes(name);
}

const hookName = z.string().max(64).refine(isKnownHook);
const hookEntry = z.union(
  [
    hookName,
    z.object({
      name: hookName,
      exclusive: z.boolean().optional(),
      priority: z.number().int().optional(),
      timeout: z.number().int().positive().optional(),
    }),
  ],
  {
    error: ({ input }) =>
      `${JSON.stringify(input)?.slice(0, 80) ?? "This"} is not a hook, or its options are wrong. Hooks: ${[...new Set([...EMDASH_HOOK_NAMES, ...hookNames()])].join(", ")}`,
  },
);

interface Indexes {
  readonly indexes: readonly (string | readonly string[])[];
  readonly uniqueIndexes?: readonly (string | readonly string[])[] | undefined;
}

function isIndexable({ indexes, uniqueIndexes = [] }: Indexes): boolean {
  return (
    indexes.length <= lengths.indexes &&
    uniqueIndexes.length <= lengths.uniqueIndexes &&
    [...indexes, ...uniqueIndexes].every((index) => {
      const fields = [index].flat();
      const isShort = fields.every((field) => field.length <= lengths.fieldChars);
      return fields.length >= 1 && fields.length <= lengths.indexFields && isShort;
    })
  );
}

/** EmDash's wire manifest with its limits and the additions. Rules across fields are `parseManifest`'s. */
export const wireSchema = pluginManifestSchema.extend({
  // Names are checked below, where the message can say which names exist and `content:publish` is one of them.
  capabilities: z.array(z.string()).max(lengths.capabilities).default([]),
  allowedHosts: hostsSchema.default([]),
  storage: pluginManifestSchema.shape.storage
    .refine(
      (storage) => Object.keys(storage).length <= lengths.collections,
      `Expected at most ${lengths.collections} collections`,
    )
    .refine(
      (storage) => Object.values(storage).every(isIndexable),
      `Expected at most ${lengths.indexes} indexes of a collection, ${lengths.uniqueIndexes} unique ones, each over 1 to ${lengths.indexFields} fields of at most ${lengths.fieldChars} characters`,
    )
    .default({}),
  // EmDash's own schema says of a wrong name only that the input is invalid.
  hooks: z.array(hookEntry).max(lengths.hooks).default([]),
  routes: pluginManifestSchema.shape.routes.max(lengths.routes).default([]),
  admin: pluginManifestSchema.shape.admin
    .refine(({ settingsSchema = {} }) => Object.keys(settingsSchema).length <= lengths.settings, {
      path: ["settingsSchema"],
      message: `Expected at most ${lengths.settings} settings`,
    })
    .refine(({ pages = [] }) => pages.length <= lengths.pages, {
      path: ["pages"],
      message: `Expected at most ${lengths.pages} pages`,
    })
    .refine(({ widgets = [] }) => widgets.length <= lengths.widgets, {
      path: ["widgets"],
      message: `Expected at most ${lengths.widgets} widgets`,
    })
    .default({}),
  name: z.string().max(lengths.labelChars).optional(),
  description: z.string().max(1024).optional(),
  bulkhead: additionsSchema.default({}),
});

/** A schedule as the manifest says it. */
export type ManifestSchedule = NonNullable<ManifestAdditions["schedules"]>[number];

/** What this host adds to EmDash's manifest, under the key `bulkhead`. */
export type ManifestAdditions = z.infer<typeof additionsSchema>;
