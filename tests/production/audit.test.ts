/** Does the script that stands alone tell what the host tells? On exports of a real host that was tampered with, in a Node of its own. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LENGTH, plantChain, rewrite, runUnguarded, TAMPERINGS, type StoredRow } from "../support/audit-tampering.ts";
import { emptyBindings } from "../support/target-reset.ts";
import { SECRETS } from "../support/target.ts";
import { startProduction, type ProductionWorker } from "./worker.ts";

const SCRIPT = "scripts/verify-audit.ts";
let worker: ProductionWorker;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bulkhead-audit-"));
  worker = await startProduction({ internet: {} });
  const derived = await run("scripts/audit-key.ts", [], { SECRETS_KEY: SECRETS.SECRETS_KEY });
  expect(derived).toEqual({ code: 0, output: expect.stringMatching(/^[0-9a-f]{64}\n$/) });
  key = derived.output.trim();
});
afterAll(async () => {
  await worker?.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => emptyBindings(worker.env));

interface Ran {
  readonly code: number;
  readonly output: string;
}

/** Runs a script in a folder where nothing of the repository is. */
function run(script: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(process.cwd(), script), ...args], { cwd: folder, env }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, output: out + err });
    });
  });
}

async function grow(length: number = LENGTH): Promise<void> {
  for (let i = 0; i < length; i++) {
    await worker.call("POST", "/api/admin/audit/key");
    await expect
      .poll(async () => (await worker.env.BUNDLES.list({ prefix: "audit/heads/" })).objects.length)
      .toBe(i + 1);
  }
}

/** What a reviewer does: both files, the anchors first. */
async function download(): Promise<readonly [audit: string, anchors: string]> {
  const files = [join(folder, "audit.ndjson"), join(folder, "anchors.ndjson")] as const;
  await writeFile(files[1], await worker.download("/api/admin/audit/anchors"));
  await writeFile(files[0], await worker.download("/api/admin/audit/export"));
  return files;
}

/** The key as npm run audit:key prints it. */
let key = "";
const verify = (...files: readonly string[]) => run(SCRIPT, files, { AUDIT_KEY: key });

test("is short and imports nothing of the host", async () => {
  const source = await readFile(SCRIPT, "utf8");
  expect(source.trimEnd().split("\n").length).toBeLessThan(80);
  expect(source).not.toMatch(/\b(require|import)\s*\(/);
  const imports = [...source.matchAll(/\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"/gm)].map((match) => match[1] ?? match[2]);
  expect(imports).toEqual(["node:crypto", "node:fs"]);
});

describe("an export", () => {
  test("that nobody touched is whole", async () => {
    await grow();
    const files = await download();
    const { head } = await worker.call<{ head: string }>("GET", "/api/admin/audit/verify");
    const whole = `The chain is whole: ${LENGTH} rows, head ${head}\n`;
    expect(await verify(...files)).toEqual({
      code: 0,
      output: `${whole}${LENGTH} anchors agree, up to row ${LENGTH}; 0 rows came after it.\n`,
    });
    expect(await verify(files[0])).toEqual({ code: 0, output: expect.stringContaining("NOT COMPARED") });
  });

  test("agrees with a single anchor as it lies in the bucket, and with an older one", async () => {
    await grow(3);
    const [audit] = await download();
    const anchor = join(folder, "anchor.json");
    for (const seq of [3, 1]) {
      const object = await worker.env.BUNDLES.get(`audit/heads/00000000000${seq}.json`);
      await writeFile(anchor, new Uint8Array(await object!.arrayBuffer()));
      expect(await verify(audit, anchor)).toMatchObject({
        code: 0,
        output: expect.stringContaining(`1 anchors agree, up to row ${seq}; ${3 - seq} rows came after it.`),
      });
    }
  });

  test.each(TAMPERINGS)("after $name is broken, and the script tells which row", async (tampering) => {
    await plantChain(worker.env);
    await tampering.run(worker.env);
    const [audit, anchors] = await download();
    const { code, output } = await verify(audit, anchors);
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining("BROKEN") });
    const line = tampering.line ?? tampering.brokenAt;
    // An end that is gone is told by the first anchor beyond it.
    expect(output).toMatch(new RegExp(`\\b[Rr]ow ${line}\\b`));
    // Without anchors the script does not see what only anchors tell, and says that it did not look.
    const alone = await verify(audit);
    expect(alone.code).toBe(tampering.by === "anchor" ? 0 : 1);
    if (alone.code === 0) expect(alone.output).toContain("NOT COMPARED");
  });

  test("whose end was cut after the last anchor is taken for whole; this is the limit", async () => {
    await grow(4);
    await worker.env.BUNDLES.delete("audit/heads/000000000004.json");
    await runUnguarded(worker.env.DB, "DELETE FROM _host_audit WHERE seq = 4");
    expect(await verify(...(await download()))).toMatchObject({ code: 0 });
  });
});

describe("a file", () => {
  test.each([
    ["with a line cut off", (lines: string[]) => lines.join("\n").slice(0, -20), /Row 3 is no JSON object/],
    ["with a line that is no object", (lines: string[]) => [lines[0], "null", lines[2]].join("\n"), /Row 2 is no JSON/],
    [
      "with a member twice, of which readers see another",
      (lines: string[]) => [lines[0], lines[1]!.replace("{", '{"actor":"user:mallory",'), lines[2]].join("\n"),
      /Row 2 is not written/,
    ],
    [
      "with a member too many",
      (lines: string[]) => [lines[0], lines[1]!.replace("}", ',"approved":true}'), lines[2]].join("\n"),
      /Row 2 /,
    ],
    [
      "with a number as text",
      (lines: string[]) => lines.join("\n").replace('"seq":2', '"seq":"2"'),
      /Row 2 is missing/,
    ],
    ["with lines in another order", (lines: string[]) => lines.toReversed().join("\n"), /Row 1 is missing.*3/],
  ])("%s is broken", async (_, change, words) => {
    await plantChain(worker.env);
    const [audit, anchors] = await download();
    const lines = (await readFile(audit, "utf8")).trimEnd().split("\n").slice(0, 3);
    await writeFile(audit, change(lines));
    const { code, output } = await verify(audit, anchors);
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(words) });
  });

  test("without any anchor is no comparison", async () => {
    await grow(1);
    const [audit, anchors] = await download();
    await writeFile(anchors, "");
    expect(await verify(audit, anchors)).toMatchObject({ code: 1, output: expect.stringContaining("holds no anchor") });
  });

  test("with texts that end lines elsewhere is whole", async () => {
    await grow(1);
    await rewrite(worker.env, 1, (row) => ({ ...row, actor: "user:a\u2028b\u2029c\rd\u0085" }));
    const [audit] = await download();
    expect(await verify(audit)).toMatchObject({ code: 0 });
  });
});

test("the key that the host hands out is the one that the script derives", async () => {
  expect(await worker.call("POST", "/api/admin/audit/key")).toEqual({ key });
});

describe("after SECRETS_KEY was replaced", () => {
  const NEXT = "another-key-of-thirty-two-characters-or-more";
  const both = { SECRETS_KEY: NEXT, SECRETS_KEY_PREVIOUS: SECRETS.SECRETS_KEY };
  const same = (row: StoredRow): StoredRow => row;

  test("an export needs the keys of both, the older first", async () => {
    await plantChain(worker.env);
    await rewrite(worker.env, 5, same, NEXT);
    const [audit] = await download();
    const { output } = await run("scripts/audit-key.ts", [], both);
    const keys = output.trim().split(",");
    expect(keys).toHaveLength(2);
    const verifyWith = (...given: readonly (string | undefined)[]) => run(SCRIPT, [audit], { AUDIT_KEY: given.join() });
    expect(await verifyWith(...keys)).toMatchObject({ code: 0, output: expect.stringContaining(`${LENGTH} rows`) });
    expect(await verifyWith(keys[0])).toMatchObject({
      code: 1,
      output: expect.stringMatching(/Row 5 does not follow/),
    });
    expect(await verifyWith(...keys.toReversed())).toMatchObject({ code: 1 });
  });

  test("a row under the key that was replaced is found after one under the next", async () => {
    await plantChain(worker.env);
    await rewrite(worker.env, 5, same, NEXT);
    await rewrite(worker.env, 7, same, SECRETS.SECRETS_KEY);
    const [audit] = await download();
    const keys = (await run("scripts/audit-key.ts", [], both)).output.trim();
    expect(await run(SCRIPT, [audit], { AUDIT_KEY: keys })).toMatchObject({
      code: 1,
      output: expect.stringMatching(/Row 7 does not follow/),
    });
  });
});

test("without a key, with another's key or without a file the script says so", async () => {
  await grow(1);
  const files = await download();
  expect(await run(SCRIPT, files, {})).toEqual({ code: 2, output: expect.stringContaining("AUDIT_KEY is not 64") });
  expect(await run(SCRIPT, files, { AUDIT_KEY: "0".repeat(64) })).toEqual({
    code: 1,
    output: expect.stringMatching(/Row 1 .*another key/),
  });
  expect(await verify()).toEqual({ code: 2, output: expect.stringContaining("Usage:") });
  expect(await verify(join(folder, "none"))).toEqual({ code: 2, output: expect.stringContaining("Cannot read") });
  expect(await run("scripts/audit-key.ts", [], {})).toEqual({
    code: 2,
    output: expect.stringContaining("SECRETS_KEY"),
  });
});
