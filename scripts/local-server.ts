/**
 * How does the Worker run on this machine? Secrets made once, migrations applied, an LLM on loopback, `wrangler dev` with
 * the local entry. Used by `npm start`, `npm run demo` and the browser tests, so that what is shown is what is tested.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What a local server is started with. */
export interface LocalServerOptions {
  /** Port on 127.0.0.1. */
  readonly port: number;
  /** Folder for the database, KV, R2 and local secrets. */
  readonly stateDir: string;
  /** Granted host names that are served on this machine, e.g. `api.openai.com` to `http://127.0.0.1:4010`. */
  readonly loopbackHosts: Readonly<Record<string, string>>;
  /** Where the Worker's own output goes. */
  readonly onOutput?: (text: string) => void;
}

/** A server that answers. */
export interface LocalServer {
  readonly url: string;
  readonly bootstrapToken: string;
  /** A one-time link that signs in to the dashboard. */
  signInLink(): Promise<string>;
  /** Fires the minute clock, as Cloudflare does in production. */
  tick(): Promise<void>;
  close(): Promise<void>;
  /** Ends it at once, whatever it is doing, as a machine that fails does. Its state stays. */
  kill(): Promise<void>;
}

const READY_MS = 60_000;

/** wrangler without telemetry, update checks or requests to Cloudflare. */
const QUIET = {
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
};

/** Starts the Worker and waits until it answers. */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const { port, stateDir, loopbackHosts, onOutput = () => {} } = options;
  if (!(await isFree(port))) {
    throw new Error(
      `127.0.0.1:${port} is taken, perhaps by another npm start. Stop it, or use another port: npm start -- --port 8790`,
    );
  }
  await mkdir(stateDir, { recursive: true });
  const secrets = await readOrMakeSecrets(join(stateDir, "local.json"));
  const envFile = join(stateDir, "local.env");
  await writeFile(
    envFile,
    Object.entries({ ...secrets, SITE_URL: `http://127.0.0.1:${port}`, LOOPBACK_HOSTS: JSON.stringify(loopbackHosts) })
      .map(([name, value]) => `${name}='${value}'\n`)
      .join(""),
    { mode: 0o600 },
  );
  await run(["d1", "migrations", "apply", "DB", "--local", "--persist-to", stateDir], onOutput);

  const url = `http://127.0.0.1:${port}`;
  const worker = spawnWrangler(
    [
      "dev",
      "host/dev.ts",
      "--port",
      String(port),
      "--persist-to",
      stateDir,
      "--env-file",
      envFile,
      "--show-interactive-dev-session=false",
    ],
    onOutput,
  );
  try {
    await waitUntilReady(url, worker);
  } catch (error) {
    await stop(worker);
    throw error;
  }
  return {
    url,
    bootstrapToken: secrets.BOOTSTRAP_TOKEN,
    async signInLink() {
      const response = await fetch(`${url}/api/auth/links`, {
        method: "POST",
        headers: { authorization: `Bearer ${secrets.BOOTSTRAP_TOKEN}` },
      });
      return ((await response.json()) as { url: string }).url;
    },
    async tick() {
      const response = await fetch(`${url}/cdn-cgi/local/scheduled?cron=*+*+*+*+*`);
      if (!response.ok) throw new Error(`The minute clock answered ${response.status}: ${await response.text()}`);
    },
    close: () => stop(worker),
    async kill() {
      const exited = new Promise((resolve) => worker.once("exit", resolve));
      process.kill(-worker.pid!, "SIGKILL");
      await exited;
    },
  };
}

/** Whether nobody listens on the port: the health check would be answered by whoever does. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

interface LocalSecrets {
  readonly SECRETS_KEY: string;
  readonly BOOTSTRAP_TOKEN: string;
}

/** Kept beside the state: what was sealed with the key must open again at the next start. */
async function readOrMakeSecrets(file: string): Promise<LocalSecrets> {
  if (existsSync(file)) return JSON.parse(await readFile(file, "utf8")) as LocalSecrets;
  const secrets = {
    SECRETS_KEY: randomBytes(32).toString("hex"),
    BOOTSTRAP_TOKEN: randomBytes(24).toString("base64url"),
  };
  await writeFile(file, JSON.stringify(secrets), { mode: 0o600 });
  return secrets;
}

function spawnWrangler(args: readonly string[], onOutput: (text: string) => void): ChildProcess {
  // A group of its own: wrangler starts workerd, and both must go when we go.
  const child = spawn(process.execPath, ["node_modules/wrangler/bin/wrangler.js", ...args], {
    detached: true,
    env: { ...process.env, ...QUIET },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout?.on("data", (data: Buffer) => onOutput(data.toString()));
  child.stderr?.on("data", (data: Buffer) => onOutput(data.toString()));
  return child;
}

async function run(args: readonly string[], onOutput: (text: string) => void): Promise<void> {
  let output = "";
  const child = spawnWrangler(args, (text) => {
    output += text;
    onOutput(text);
  });
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`wrangler ${args.join(" ")} failed:\n${output}`);
}

async function waitUntilReady(url: string, worker: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    if (worker.exitCode !== null)
      throw new Error(`wrangler dev ended with code ${worker.exitCode}. Is the port taken?`);
    try {
      const response = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(5_000) });
      if (response.ok) return;
      if (response.status === 503) throw new Error(await response.text());
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("Bulkhead")) throw error;
    }
    await sleep(200);
  }
  throw new Error(`The Worker did not answer at ${url} within ${READY_MS / 1_000} s.`);
}

async function stop(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.pid === undefined) return;
  const exited = new Promise((resolve) => worker.once("exit", resolve));
  process.kill(-worker.pid, "SIGTERM");
  const stopped = await Promise.race([exited.then(() => true), sleep(5_000, false)]);
  if (!stopped) process.kill(-worker.pid, "SIGKILL");
}
