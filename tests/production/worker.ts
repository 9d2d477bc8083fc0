/**
 * The built Worker in a workerd of its own. Its requests to the internet leave through Node's fetch, where the names a
 * test knows lead to servers on this machine; the Worker itself knows nothing of that.
 */
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { inject } from "vitest";
import { createTestHarness } from "wrangler";
import { SECRETS, type TargetEnv } from "../support/target.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where `tests/built/build.ts` put the built Worker. */
    readonly builtWorker: string;
  }
}

/** Where the Worker believes it lives. */
export const ORIGIN = "https://cms.example";

const TWIN = "bulkhead-twin";

/** The built Worker. */
export interface ProductionWorker {
  /** An administrator's call; the JSON that came back. Throws where the status is not 2xx. */
  call<Answer>(method: string, path: string, body?: unknown): Promise<Answer>;
  /** An administrator's download, byte by byte. */
  download(path: string): Promise<Uint8Array>;
  /** A visitor's request. */
  visit(path: string): Promise<{ readonly status: number; readonly text: string }>;
  tick(): Promise<void>;
  /** A tick of the second Worker, where there is one. */
  tickTwin(): Promise<void>;
  /** What `wrangler kv key put` does. */
  putKv(key: string, value: string): Promise<void>;
  readonly env: TargetEnv;
  /** What it sent to the internet so far. */
  readonly sent: readonly { readonly host: string; readonly authorization: string | null }[];
  close(): Promise<void>;
}

/**
 * Starts it. `bucket: "none"` leaves R2 out, as an installation without a bucket does; `twin: "beside"` starts a second one
 * over the same database, in an isolate that shares nothing else.
 */
export async function startProduction(options: {
  readonly internet: Readonly<Record<string, string>>;
  readonly bucket?: "bound" | "none";
  readonly twin?: "none" | "beside";
}): Promise<ProductionWorker> {
  const nodeFetch = globalThis.fetch;
  const sent: { host: string; authorization: string | null }[] = [];
  globalThis.fetch = (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const server = options.internet[url.hostname];
    if (server !== undefined) {
      sent.push({ host: url.hostname, authorization: request.headers.get("authorization") });
      return nodeFetch(new Request(`${server}${url.pathname}${url.search}`, request));
    }
    if (url.hostname === "127.0.0.1" || url.hostname === "localhost" || url.origin === ORIGIN)
      return nodeFetch(input, init);
    return Promise.reject(new TypeError(`nothing on this machine answers for ${url.hostname}`));
  };
  const built = (configPath: string) => ({
    configPath,
    prebuiltWorkerDir: inject("builtWorker"),
    secrets: { ...SECRETS },
  });
  const harness = createTestHarness({
    workers: [
      built(options.bucket === "none" ? await configWithout(/\[\[r2_buckets\]\]\n(?:.+\n)*/, "") : "./wrangler.toml"),
      ...(options.twin === "beside" ? [built(await configWithout(/^name = .*/m, `name = "${TWIN}"`))] : []),
    ],
  });
  await harness.listen();
  const worker = harness.getWorker<TargetEnv>();
  await worker.applyD1Migrations("DB");
  const env = await worker.getEnv();
  return {
    env,
    sent,
    async call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
      const isBytes = body instanceof Uint8Array;
      const response = await worker.fetch(new URL(path, ORIGIN).href, {
        method,
        headers: {
          authorization: `Bearer ${SECRETS.BOOTSTRAP_TOKEN}`,
          "content-type": isBytes ? "application/gzip" : "application/json",
        },
        ...(body === undefined ? {} : { body: isBytes ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
      return (text === "" ? undefined : JSON.parse(text)) as Answer;
    },
    async download(path) {
      const headers = { authorization: `Bearer ${SECRETS.BOOTSTRAP_TOKEN}` };
      const response = await worker.fetch(new URL(path, ORIGIN).href, { headers });
      if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    },
    async visit(path) {
      const response = await worker.fetch(new URL(path, ORIGIN).href);
      return { status: response.status, text: await response.text() };
    },
    async tick() {
      await worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
    },
    async tickTwin() {
      await harness.getWorker(TWIN).scheduled({ cron: "* * * * *", scheduledTime: new Date() });
    },
    putKv: (key, value) => env.CACHE.put(key, value),
    async close() {
      globalThis.fetch = nodeFetch;
      await harness.close();
    },
  };
}

/** `wrangler.toml` as somebody has it who changed a part of it: who deleted the bucket, say. */
async function configWithout(part: RegExp, instead: string): Promise<string> {
  const text = await readFile("wrangler.toml", "utf8");
  const changed = text.replace(part, instead);
  if (changed === text) throw new Error(`wrangler.toml has no ${part.source}, so this test would test nothing`);
  const file = join(await mkdtemp(join(tmpdir(), "bulkhead-config-")), "wrangler.toml");
  const absolute = (path: string): string => JSON.stringify(resolve(path));
  await writeFile(
    file,
    changed
      .replace(/^main = .*/m, `main = ${absolute("host/index.ts")}`)
      .replace(/^migrations_dir = .*/m, `migrations_dir = ${absolute("migrations")}`)
      .replace(/^directory = .*/m, `directory = ${absolute("dist/assets")}`),
  );
  return file;
}
