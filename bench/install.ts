/** `npm run bench:install`: from a bundle's upload to its route answering, over HTTP, on a local Worker. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocalServer } from "../scripts/local-server.ts";
import { packBundle } from "../scripts/pack-bundle.ts";
import { percentile, report } from "./report.ts";

const RUNS = 20;
/** A bundle of this size is at the upper end of what EmDash takes. */
const CODE_BYTES = 128 * 1024;

/** Code that costs what real code of the size does: many functions, not one long comment. */
function makeBackend(version: string): string {
  let code = `export default { routes: { ping: { public: true, handler: () => ({ version: "${version}", sum: f0(1) }) } } };\n`;
  for (let i = 0; code.length < CODE_BYTES; i++) {
    code += `function f${i}(n) { const parts = [n, ${i}, "part ${i}"]; return parts.map((part) => String(part).length).reduce((a, b) => a + b, 0); }\n`;
  }
  return code;
}

const stateDir = await mkdtemp(join(tmpdir(), "bulkhead-bench-"));
const server = await startLocalServer({ port: 8799, stateDir, loopbackHosts: {} });
const authorization = `Bearer ${server.bootstrapToken}`;

async function install(run: number): Promise<number> {
  const id = `bench-${run}`;
  const bundle = await packBundle({
    manifest: { id, version: "1.0.0", routes: [{ name: "ping", public: true }] },
    backend: makeBackend(String(run)),
  });
  const start = performance.now();
  const uploaded = await fetch(`${server.url}/api/admin/plugins`, {
    method: "POST",
    headers: { authorization, "content-type": "application/gzip" },
    body: new Blob([new Uint8Array(bundle)]),
  });
  const { plan } = (await uploaded.json()) as { plan: { hash: string } };
  await fetch(`${server.url}/api/admin/plugins/${id}/consent`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify({ version: "1.0.0", planHash: plan.hash }),
  });
  const answer = (await (await fetch(`${server.url}/api/plugins/${id}/ping`)).json()) as { data?: { version: string } };
  if (answer.data?.version !== String(run)) throw new Error(`${id} did not answer: ${JSON.stringify(answer)}`);
  return performance.now() - start;
}

try {
  await install(-1);
  const samples: number[] = [];
  for (let run = 0; run < RUNS; run++) samples.push(await install(run));
  report(
    "install",
    {
      upload_to_served_ms_p50: { value: percentile(samples, 0.5), unit: "ms" },
      upload_to_served_ms_p95: { value: percentile(samples, 0.95), unit: "ms", goal: 1_000 },
    },
    RUNS,
  );
} finally {
  await server.close();
  await rm(stateDir, { recursive: true, force: true });
}
