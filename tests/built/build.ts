/** Builds the Worker once, as `wrangler deploy` would, into a folder of its own. */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

/** wrangler without telemetry, update checks or requests to Cloudflare. */
const QUIET = { WRANGLER_SEND_METRICS: "false", WRANGLER_SEND_ERROR_REPORTS: "false", WRANGLER_HIDE_BANNER: "true" };

export default async function build(project: TestProject): Promise<() => Promise<void>> {
  const outdir = await mkdtemp(join(tmpdir(), "bulkhead-built-"));
  // The assets' contents do not matter to these tests, but wrangler wants the folder.
  await mkdir("dist/assets", { recursive: true });
  await run(["deploy", "--dry-run", "--outdir", outdir]);
  project.provide("builtWorker", outdir);
  return () => rm(outdir, { recursive: true, force: true });
}

async function run(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, ["node_modules/wrangler/bin/wrangler.js", ...args], {
    env: { ...process.env, ...QUIET },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (output += data.toString()));
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`wrangler ${args.join(" ")} failed:\n${output}`);
}
