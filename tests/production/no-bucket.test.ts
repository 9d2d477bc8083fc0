/** Where no bucket is bound bundles live in the database, and everything else is as it was. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packBundle } from "../../scripts/pack-bundle.ts";
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
  const stored = await worker.DB.prepare(
    "SELECT count(*) AS parts, sum(length(bytes)) AS bytes FROM _host_bundles",
  ).first<{ parts: number; bytes: number }>();
  expect(stored).toEqual({ parts: 2, bytes: bundle.length });
});
