/** Is the Worker set up? Until secrets and migrations are there, every request is told which one is missing. */
import { readPlan, type Env, type World } from "./services.ts";
import { readState, SCHEMA } from "./store/d1/state.ts";

/** Shortest SECRETS_KEY that is accepted: 32 characters of hex are 128 bits. */
const SECRETS_KEY_CHARS = 32;
/** Shortest bootstrap token. */
const TOKEN_CHARS = 16;

/** Which secrets and variables are missing or wrong, in words. */
export function findMissingVariables(env: Env): readonly string[] {
  const missing: string[] = [];
  if ((env.SECRETS_KEY ?? "").length < SECRETS_KEY_CHARS) {
    missing.push(
      `The secret SECRETS_KEY is not set, or shorter than ${SECRETS_KEY_CHARS} characters. Set it: openssl rand -hex 32 | npx wrangler secret put SECRETS_KEY`,
    );
  }
  if ((env.BOOTSTRAP_TOKEN ?? "").length < TOKEN_CHARS) {
    missing.push(
      `The secret BOOTSTRAP_TOKEN is not set, or shorter than ${TOKEN_CHARS} characters. Set it: openssl rand -hex 32 | npx wrangler secret put BOOTSTRAP_TOKEN`,
    );
  }
  if (!readPlan(env)) {
    missing.push(
      `The variable PLAN is "${String(env.PLAN).slice(0, 40)}". Set it to free or paid under [vars] in wrangler.toml, or remove it`,
    );
  }
  return missing;
}

/** What is missing, in words; empty where the Worker is ready. */
export async function findMissingSetup(env: Env): Promise<readonly string[]> {
  return [...findMissingVariables(env), ...(await findMissingTables(env.DB))];
}

/** Which migrations the database needs, in words. */
export async function findMissingTables(db: D1Database): Promise<readonly string[]> {
  const state = await readState(db);
  const fix = "Apply the migrations: npx wrangler d1 migrations apply DB --remote";
  if (!state) return [`The database has no tables. ${fix}`];
  if (state.schema >= SCHEMA) return [];
  return [`The database is at migration ${state.schema}, this Worker needs ${SCHEMA}. ${fix}`];
}

/** Throws where the key that seals secrets and signs the audit is no key. */
export function assertSecretsKey({ secretsKey }: Pick<World, "secretsKey">): void {
  if (secretsKey.length >= SECRETS_KEY_CHARS) return;
  throw new Error(
    `Cannot make a host: the secret SECRETS_KEY has ${secretsKey.length} characters, expected ${SECRETS_KEY_CHARS} or more. Make one: openssl rand -hex 32`,
  );
}

/** The answer while something is missing. */
export function toSetupResponse(missing: readonly string[]): Response {
  const text = [
    "Bulkhead is not set up yet.",
    ...missing.map((each) => `- ${each}`),
    "npm run deploy does all of this.",
  ].join("\n");
  return new Response(`${text}\n`, {
    status: 503,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", "retry-after": "60" },
  });
}
