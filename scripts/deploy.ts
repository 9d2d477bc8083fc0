/** `npm run deploy`: puts the Worker on Cloudflare, with the account that `wrangler login` or CLOUDFLARE_API_TOKEN names. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { deploy } from "./deploy-steps.ts";

const reportFile = join(await mkdtemp(join(tmpdir(), "bulkhead-deploy-")), "wrangler.ndjson");

function wrangler(args: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["node_modules/wrangler/bin/wrangler.js", ...args], {
      env: { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_OUTPUT_FILE_PATH: reportFile },
      stdio: [input === undefined ? "inherit" : "pipe", "pipe", "inherit"],
    });
    let output = "";
    child.stdout?.on("data", (data: Buffer) => (output += data.toString()));
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`wrangler ${args.slice(0, 3).join(" ")} failed:\n${output}`));
    });
    if (input !== undefined) child.stdin?.end(input);
  });
}

/** wrangler writes what it did as JSON lines to WRANGLER_OUTPUT_FILE_PATH. */
async function deployedUrl(): Promise<string | undefined> {
  if (!existsSync(reportFile)) return undefined;
  const lines = (await readFile(reportFile, "utf8")).split("\n").filter((line) => line !== "");
  const entries = lines.map(
    (line) => JSON.parse(line) as { readonly type: string; readonly targets?: readonly string[] },
  );
  const target = entries
    .findLast((entry) => entry.type === "deploy")
    ?.targets?.find((each) => !each.startsWith("schedule"));
  if (target === undefined) return undefined;
  return (/^https?:\/\//.test(target) ? target : `https://${target}`).replace(/\/$/, "");
}

try {
  await deploy({ wrangler, deployedUrl, fetch, print: console.log, now: () => new Date(), sleep });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
