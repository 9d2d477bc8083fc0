/** Does the built Worker stay within its budget? Reads what `wrangler deploy --dry-run --outdir dist/worker` wrote. */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** Bytes. Cloudflare takes 64 MiB; this is far below, so that a start-up stays cheap and a surprise is noticed. */
const BUDGET = { raw: 4 * 1024 * 1024, gzip: 1.2 * 1024 * 1024 };
const OUT = "dist/worker";

const files = (await readdir(OUT)).filter((name) => name.endsWith(".js") || name.endsWith(".wasm"));
const sizes = await Promise.all(
  files.map(async (name) => {
    const bytes = await readFile(join(OUT, name));
    return { name, raw: bytes.length, gzip: gzipSync(bytes).length };
  }),
);
const total = sizes.reduce((sum, { raw, gzip }) => ({ raw: sum.raw + raw, gzip: sum.gzip + gzip }), {
  raw: 0,
  gzip: 0,
});
for (const { name, raw, gzip } of [...sizes, { name: "total", ...total }]) {
  console.log(
    `${name.padEnd(48)} ${(raw / 1024).toFixed(0).padStart(6)} KiB ${(gzip / 1024).toFixed(0).padStart(6)} KiB gzip`,
  );
}
if (files.length === 0 || total.raw > BUDGET.raw || total.gzip > BUDGET.gzip) {
  console.error(
    `The Worker is over its budget of ${BUDGET.raw / 1024} KiB (${BUDGET.gzip / 1024} KiB gzip), or was not built.`,
  );
  process.exit(1);
}
