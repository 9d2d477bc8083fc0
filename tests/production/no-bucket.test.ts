/** Where no bucket is bound bundles live in the database, and everything else is as it was. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packBundle } from "../../scripts/pack-bundle.ts";
import { rewrite } from "../support/audit-tampering.ts";
import { startProduction, type ProductionWorker } from "./worker.ts";

let worker: ProductionWorker;
beforeAll(async () => {
  worker = await startProduction({ internet: {}, bucket: "none" });
});
afterAll(() => worker?.close());

test("a bundle of more than one row's size is kept in parts and runs", async () => {
  // Pictures of noise do not compress, so the archive is larger than one part.
  const picture = (): Uint8Array => Buffer.concat(Array.from({ length: 12 }, () => randomBytes(65_536)));
  const bundle = await packBundle({
    manifest: { id: "large", version: "1.0.0", routes: [{ name: "hello", public: true }] },
    backend: `export default { routes: { hello: { public: true, handler: () => "from the database" } } };`,
    files: { "icon.png": picture(), "screenshots/one.png": picture() },
  });
  const { plan } = await worker.call<{ plan: { hash: string } }>("POST", "/api/admin/plugins", bundle);
  await worker.call("POST", "/api/admin/plugins/large/consent", { version: "1.0.0", planHash: plan.hash });
  expect(JSON.parse((await worker.visit("/api/plugins/large/hello")).text)).toEqual({
    success: true,
    data: "from the database",
  });
  const stored = await worker.env.DB.prepare(
    "SELECT count(*) AS parts, sum(length(bytes)) AS bytes FROM _host_bundles",
  ).first<{ parts: number; bytes: number }>();
  expect(stored).toEqual({ parts: 2, bytes: bundle.length });
});

test("the audit says that it has no anchor, and there are none to download", async () => {
  expect(await worker.call("GET", "/api/admin/audit/verify")).toMatchObject({ ok: true, anchor: "none" });
  await expect(worker.call("GET", "/api/admin/audit/anchors")).rejects.toThrow(/404.*no R2 bucket is bound/);
  // Not even a chain written anew is noticed then, and nobody says that it was looked for.
  await rewrite(worker.env, 1, (row) => ({ ...row, actor: "user:mallory" }));
  expect(await worker.call("GET", "/api/admin/audit/verify")).toMatchObject({ ok: true, anchor: "none" });
});
