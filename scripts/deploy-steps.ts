/**
 * Which steps put the Worker on Cloudflare? Deploy (which creates what is missing of database, namespace and bucket),
 * migrations, secrets once, a sign-in link, a smoke check. Each step may be repeated: a deploy that stopped half way is
 * finished by running it again, and until it is finished the Worker answers 503 with what is missing.
 */
import { createHash, randomBytes } from "node:crypto";

/** What the steps need of the world. */
export interface DeployWorld {
  /** Runs `wrangler` and answers its standard output. Throws where it fails. */
  readonly wrangler: (args: readonly string[], input?: string) => Promise<string>;
  /** The address `wrangler deploy` reported. */
  readonly deployedUrl: () => Promise<string | undefined>;
  readonly fetch: (url: string) => Promise<{ readonly status: number; text(): Promise<string> }>;
  readonly print: (line: string) => void;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/** The secrets a Worker needs; made here, stored at Cloudflare, kept nowhere else. */
const SECRETS = ["SECRETS_KEY", "BOOTSTRAP_TOKEN"] as const;
const LINK_MINUTES = 15;
/** A new Worker takes some seconds to be reachable everywhere. */
const SMOKE = { attempts: 30, pauseMs: 2_000 } as const;

/** Deploys. Answers the address. */
export async function deploy(world: DeployWorld): Promise<string> {
  const { wrangler, print } = world;
  print("1/5  Upload the Worker; what is missing of database, namespace and bucket is created");
  await wrangler(["deploy"]);
  const url = await world.deployedUrl();
  if (url === undefined) {
    throw new Error("wrangler deploy reported no address. Set workers_dev = true or a route in wrangler.toml.");
  }
  print("2/5  Apply the migrations");
  await wrangler(["d1", "migrations", "apply", "DB", "--remote"]);
  print("3/5  Make the secrets that are missing");
  const present = parseSecretNames(await wrangler(["secret", "list", "--format", "json"]));
  const missing = SECRETS.filter((name) => !present.includes(name));
  for (const name of missing) {
    // SECURITY: never replaced once set, or everything sealed with it would be lost; never printed.
    await wrangler(["secret", "put", name], randomBytes(32).toString("hex"));
  }
  print("4/5  Wait until it answers");
  await smoke(world, url);
  print("5/5  Make a sign-in link");
  const code = randomBytes(32).toString("base64url");
  await wrangler(["d1", "execute", "DB", "--remote", "--yes", "--command", toLinkSql(code, world.now())]);
  print(`\n  Site       ${url}/\n  Dashboard  ${url}/admin/sign-in#code=${code}`);
  print(`             (signs in once, within ${LINK_MINUTES} minutes; npm run deploy makes another)\n`);
  return url;
}

/** The names in the output of `wrangler secret list`. */
export function parseSecretNames(output: string): readonly string[] {
  const start = output.indexOf("[");
  if (start === -1) throw new Error(`wrangler secret list answered no list: ${output.slice(0, 200)}`);
  return (JSON.parse(output.slice(start)) as readonly { readonly name: string }[]).map(({ name }) => name);
}

/** Stores the hash of a code; the statement holds nothing but hex and times made here. */
export function toLinkSql(code: string, now: Date): string {
  const hash = createHash("sha256").update(code).digest("hex");
  const expires = new Date(now.getTime() + LINK_MINUTES * 60_000).toISOString();
  return `INSERT INTO _host_tokens (token_hash, kind, name, role, created_at, expires_at) VALUES ('${hash}', 'link', 'Administrator', 'admin', '${now.toISOString()}', '${expires}')`;
}

async function smoke({ fetch, sleep }: DeployWorld, url: string): Promise<void> {
  let last = "no answer";
  for (let attempt = 0; attempt < SMOKE.attempts; attempt++) {
    try {
      const response = await fetch(`${url}/api/health`);
      if (response.status === 200) return;
      last = `${response.status}: ${(await response.text()).slice(0, 500)}`;
    } catch (error) {
      last = String(error);
    }
    await sleep(SMOKE.pauseMs);
  }
  throw new Error(`${url}/api/health does not answer 200. The last answer was ${last}`);
}
