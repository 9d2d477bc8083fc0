/**
 * What the host needs from the world, and the only place that reads bindings. Everything else takes Services, so a test
 * or a foreign Worker can put something else behind an interface.
 */
import { monotonicFactory } from "ulidx";
import { createAnchors, type Anchors } from "./audit/anchors.ts";
import type { AiModel, WorkersAi } from "./ai/model.ts";
import { readProviders } from "./ai/read-providers.ts";
import type { EmailBinding } from "./email/by-binding.ts";
import { createMailer, type Mailer } from "./email/mailer.ts";
import { PLANS, type Plan } from "./invoke/budgets.ts";
import type { Offer } from "./offer.ts";
import type { Result } from "./result.ts";
import type { BundleStore } from "./store/bundles.ts";
import { createCacheImages } from "./store/cache/images.ts";
import { createD1Bundles } from "./store/d1/bundles.ts";
import { TABLE_PREFIX, withTablePrefix } from "./store/d1/prefixed-database.ts";
import { createImages, type Images } from "./store/images.ts";
import { createKeptSettings, SETTINGS_MAX_AGE_S } from "./settings/kept.ts";
import { createFlags, type Flags } from "./store/kv/flags.ts";
import { createKvImages } from "./store/kv/images.ts";
import { createSettingsStore, type SettingsStore } from "./store/kv/settings.ts";
import { createR2Anchors } from "./store/r2/anchors.ts";
import { createR2Bundles } from "./store/r2/bundles.ts";
import type { MediaStore } from "./store/media.ts";
import { createR2Images } from "./store/r2/images.ts";
import { createR2Media } from "./store/r2/media.ts";

/** The bindings and variables of the Worker, as `wrangler.toml` declares them. */
export interface Env {
  readonly DB: D1Database;
  readonly CACHE: KVNamespace;
  /** Absent: bundles live in D1, the audit has no anchor, and no media files can be uploaded. */
  readonly BUNDLES?: R2Bucket;
  readonly ASSETS?: Fetcher;
  /** Signs in on a fresh installation. */
  readonly BOOTSTRAP_TOKEN?: string;
  /** 32 bytes or more of secret text from which the keys for secrets and audit are derived. */
  readonly SECRETS_KEY?: string;
  /** The SECRETS_KEY before this one, while it is being replaced: opens what was sealed under it. */
  readonly SECRETS_KEY_PREVIOUS?: string;
  readonly SITE_NAME?: string;
  /** The public address, where it differs from the one requests arrive at. */
  readonly SITE_URL?: string;
  /** `1`: no plugin runs. */
  readonly PLUGINS_OFF?: string;
  /** Seconds an isolate keeps plugins' settings, 30 by default; `0` reads them at each invocation. */
  readonly SETTINGS_MAX_AGE?: string;
  /** `free` or `paid`, the default: how much plugins may use. */
  readonly PLAN?: string;
  /** Sends mail; absent: `EMAIL_API_URL` does. */
  readonly EMAIL?: EmailBinding;
  /** The sender of all mail: `news@shop.dev` or `The Shop <news@shop.dev>`. */
  readonly EMAIL_FROM?: string;
  /** Takes `{from, to, subject, text, html}` as JSON, as Resend does. */
  readonly EMAIL_API_URL?: string;
  readonly EMAIL_API_KEY?: string;
  /** JSON: the language models plugins may ask; see `ai/read-providers.ts`. Their keys are secrets `*_API_KEY`. */
  readonly AI_PROVIDERS?: string;
  /** Workers AI, for models of that kind. */
  readonly AI?: WorkersAi;
}

/** Sends a request that the network rules have passed. */
export type Fetch = (request: Request, bodyBytes?: number) => Promise<Response>;

/** The world, as the host sees it. */
export interface Services {
  /** For the host's own statements, which may be under another prefix than they say. */
  readonly db: D1Database;
  /** The same database as it is, for statements of plugins: exactly the text that was checked runs. */
  readonly sql: D1Database;
  readonly bundles: BundleStore;
  /** What plugins' memory looks like before their first call. */
  readonly images: Images;
  /** The bytes of media files; undefined where no bucket is bound. */
  readonly media: MediaStore | undefined;
  readonly settings: SettingsStore;
  /** Copies of the audit's head outside the database; undefined where no bucket is bound. */
  readonly anchors: Anchors | undefined;
  /** Kill switches that work without the database. */
  readonly flags: Flags;
  /** Now. */
  readonly now: () => Date;
  /** A new sortable id (ULID). */
  readonly newId: () => string;
  /** Sends plugins' requests. The network rules stand before it. */
  readonly fetch: Fetch;
  /** Sends plugins' mail, or what has to be set first. */
  readonly email: Result<Mailer, string>;
  /** The language models plugins may ask, or what has to be set first. */
  readonly ai: Result<readonly AiModel[], string>;
  /** Serves the dashboard's files and the shipped catalogue. */
  readonly assets: Fetch | undefined;
  /** One structured log line. */
  readonly log: (level: "info" | "warn" | "error", message: string, data?: Record<string, unknown>) => void;
  /** Seals secrets and signs the audit. */
  readonly secretsKey: string;
  /** It and those before it that still open and verify, newest first. */
  readonly secretsKeys: readonly string[];
  readonly bootstrapToken: string;
  readonly site: { readonly name: string; readonly url: string | undefined; readonly locale: string };
  readonly pluginsOff: boolean;
  readonly plan: Plan;
  /** What plugins may ask this host for. */
  readonly offer: Offer;
}

/** The world before a host is made over it. */
export type World = Omit<Services, "offer">;

/** The plan that `PLAN` names; undefined where it names none. */
export function readPlan({ PLAN }: Pick<Env, "PLAN">): Plan | undefined {
  return PLAN === undefined || PLAN === "" ? "paid" : PLANS.find((plan) => plan === PLAN);
}

/** What to have otherwise than the bindings say. */
export interface ServicesOptions extends Partial<World> {
  /** Beginning of the names of the host's tables, e.g. `plugins_`: `_host_` where nothing is said. */
  readonly tablePrefix?: string;
}

/** Reads the bindings. Options replace single services, e.g. the sender of requests. */
export function createServices(env: Env, { tablePrefix = TABLE_PREFIX, ...overrides }: ServicesOptions = {}): World {
  // The clock stands still while code runs: ids of one millisecond must still sort in the order they were made.
  const nextId = monotonicFactory();
  const log: Services["log"] = (level, message, data) => {
    console[level](JSON.stringify({ level, message, ...data }));
  };
  const secretsKey = env.SECRETS_KEY ?? "";
  const previous = env.SECRETS_KEY_PREVIOUS ?? "";
  const now = (): Date => new Date();
  const db = withTablePrefix(env.DB, tablePrefix);
  return {
    db,
    sql: env.DB,
    bundles: env.BUNDLES ? createR2Bundles(env.BUNDLES) : createD1Bundles(db),
    images: createImages({
      places: [
        ...(typeof caches === "undefined" ? [] : [createCacheImages(caches.default)]),
        createKvImages(env.CACHE),
        ...(env.BUNDLES ? [createR2Images(env.BUNDLES)] : []),
      ],
      log: overrides.log ?? log,
    }),
    media: env.BUNDLES ? createR2Media(env.BUNDLES) : undefined,
    settings: createKeptSettings(createSettingsStore(env.CACHE), {
      maxAgeMs: Number(env.SETTINGS_MAX_AGE ?? SETTINGS_MAX_AGE_S) * 1_000,
      now: overrides.now ?? now,
    }),
    anchors: env.BUNDLES
      ? createAnchors({ store: createR2Anchors(env.BUNDLES), now: overrides.now ?? now, log: overrides.log ?? log })
      : undefined,
    flags: createFlags(env.CACHE),
    now,
    newId: () => nextId(),
    fetch: (request) => fetch(request),
    email: createMailer({
      binding: env.EMAIL,
      from: env.EMAIL_FROM,
      url: env.EMAIL_API_URL,
      key: env.EMAIL_API_KEY,
    }),
    ai: readProviders({
      text: env.AI_PROVIDERS,
      readKey: (name) => readSecret(env, name),
      binding: env.AI,
    }),
    assets: env.ASSETS ? (request) => env.ASSETS!.fetch(request) : undefined,
    log,
    secretsKey,
    secretsKeys: [secretsKey, ...(previous === "" ? [] : [previous])],
    bootstrapToken: env.BOOTSTRAP_TOKEN ?? "",
    site: { name: env.SITE_NAME ?? "Bulkhead", url: env.SITE_URL, locale: "en" },
    pluginsOff: env.PLUGINS_OFF === "1",
    // Anything else does not come this far: readiness.ts says so.
    plan: readPlan(env) ?? "free",
    ...overrides,
  };
}

/** A secret whose name the configuration says. */
function readSecret(env: Env, name: string): string | undefined {
  const value = (env as unknown as Readonly<Record<string, unknown>>)[name];
  return typeof value === "string" ? value : undefined;
}
