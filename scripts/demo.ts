/**
 * `npm run demo`: the main job, step by step, over the same HTTP calls that the dashboard makes: upload, consent,
 * settings, one tick of the clock, and the new post on the site and in the sitemap. Prints how long each step took.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startLocalLlm } from "./local-llm.ts";
import { startLocalServer } from "./local-server.ts";

const { values } = parseArgs({ options: { port: { type: "string", default: "8788" } } });
const CATALOG = "dist/assets/catalog";
const ID = "auto-blog-seo";

console.log(
  `Starting a throw-away site on 127.0.0.1:${values.port} with a local LLM; an npm start beside it is not touched …`,
);
const stateDir = await mkdtemp(join(tmpdir(), "bulkhead-demo-"));
const llm = await startLocalLlm({ port: 0 });
const server = await startLocalServer({
  port: Number(values.port),
  stateDir,
  loopbackHosts: { "api.openai.com": llm.url },
});

async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const isBundle = body instanceof Uint8Array;
  const response = await fetch(server.url + path, {
    method,
    headers: {
      authorization: `Bearer ${server.bootstrapToken}`,
      ...(body === undefined ? {} : { "content-type": isBundle ? "application/gzip" : "application/json" }),
    },
    ...(body === undefined ? {} : { body: isBundle ? new Blob([new Uint8Array(body)]) : JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Answer;
}

async function timed<Value>(label: string, work: () => Promise<Value>): Promise<Value> {
  const start = performance.now();
  const value = await work();
  console.log(`${label.padEnd(44)} ${(performance.now() - start).toFixed(0).padStart(6)} ms`);
  return value;
}

interface Uploaded {
  readonly plan: {
    readonly hash: string;
    readonly capabilities: readonly { readonly label: string }[];
    readonly hosts: readonly string[];
    readonly plugin: { readonly version: string };
  };
}
interface Run {
  readonly status: string;
  readonly error: string | null;
}

async function main(): Promise<void> {
  const index = JSON.parse(await readFile(join(CATALOG, "index.json"), "utf8")) as {
    plugins: readonly { id: string; file: string }[];
  };
  const entry = index.plugins.find((plugin) => plugin.id === ID);
  if (!entry) throw new Error(`${CATALOG} holds no ${ID}. Run npm run build:plugins.`);
  const bundle = new Uint8Array(await readFile(join(CATALOG, entry.file)));
  // The first request of a fresh process compiles the engine; a server that has been up for a second has done that.
  await fetch(`${server.url}/`);

  console.log(`\n${entry.file}, ${bundle.length} bytes\n`);
  const start = performance.now();
  const { plan } = await timed("Upload: unpacked, inspected, planned", () =>
    call<Uploaded>("POST", "/api/admin/plugins", bundle),
  );
  await timed("Consent: granted, installed, enabled", () =>
    call("POST", `/api/admin/plugins/${ID}/consent`, {
      version: plan.plugin.version,
      planHash: plan.hash,
      note: "Demo",
    }),
  );
  const status = await timed("Its public route answers", () => fetch(`${server.url}/api/plugins/${ID}/status`));
  const total = performance.now() - start;
  console.log(`${"= from POST /plugins to the route answering".padEnd(44)} ${total.toFixed(0).padStart(6)} ms`);
  if (!status.ok) throw new Error(`The route answered ${status.status}`);

  await timed("Settings: a key, publish at once", () =>
    call("PUT", `/api/admin/plugins/${ID}/settings`, {
      values: { openaiKey: "any-key-will-do-here", publish: "publish" },
    }),
  );
  await call("POST", `/api/admin/plugins/${ID}/schedules/generate/run`);
  await timed("One tick of the clock: a post is written", () => server.tick());
  const { items } = await call<{ items: readonly Run[] }>("GET", `/api/admin/plugins/${ID}/runs`);
  if (items[0]?.status !== "ok") throw new Error(`The run ended as ${items[0]?.status}: ${items[0]?.error}`);

  const posts = await call<{ items: readonly { slug: string; data: { title: string } }[] }>(
    "GET",
    "/api/content/posts?status=published&limit=1",
  );
  const post = posts.items[0];
  if (!post) throw new Error("No post was published.");
  const page = await fetch(`${server.url}/posts/${post.slug}`);
  const sitemap = await (await fetch(`${server.url}/sitemap.xml`)).text();
  const line = /<url>(?:(?!<\/url>)[\s\S])*<\/url>/g;
  const found = [...sitemap.matchAll(line)].map(([text]) => text).find((text) => text.includes(`/posts/${post.slug}`));
  if (!page.ok || !found) throw new Error("The post is not on the site or not in the sitemap.");

  console.log(`\nGranted    ${plan.capabilities.map(({ label }) => label).join("; ")}`);
  console.log(`To hosts   ${plan.hosts.join(", ")}`);
  console.log(`New post   ${post.data.title}`);
  console.log(`           ${server.url}/posts/${post.slug}  (${page.status})`);
  console.log(`Sitemap    ${found.replaceAll(/\s+/g, " ")}`);
}

let exitCode = 0;
try {
  await main();
  if (process.stdout.isTTY) {
    console.log(`\nDashboard  ${await server.signInLink()}\n           Ctrl+C stops the demo and forgets its data.\n`);
    await new Promise((resolve) => process.once("SIGINT", resolve));
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  exitCode = 1;
} finally {
  await Promise.all([server.close(), llm.close()]);
  await rm(stateDir, { recursive: true, force: true });
  console.log("\nThe throw-away site is gone with its data. npm start keeps one running.");
}
process.exit(exitCode);
