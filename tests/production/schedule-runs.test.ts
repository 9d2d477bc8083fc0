/** Are the runs of the deployed Worker invocations of their own, once each, whoever ticks? Its built output, once and twice over one database. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { packBundle } from "../../scripts/pack-bundle.ts";
import { emptyBindings } from "../support/target-reset.ts";
import { listen } from "./local-host.ts";
import { startProduction, type ProductionWorker } from "./worker.ts";

let asked: string[] = [];
let held: ServerResponse[] = [];
const shop = createServer((request, response) => {
  asked.push(String(request.url));
  if (request.url === "/slow") held.push(response);
  else response.end("ok");
});
let worker: ProductionWorker;

beforeAll(async () => {
  await listen(shop);
  const { port } = shop.address() as AddressInfo;
  worker = await startProduction({ internet: { "api.shop.dev": `http://127.0.0.1:${port}` }, twin: "beside" });
});
afterAll(async () => {
  await worker?.close();
  shop.closeAllConnections();
  shop.close();
});
beforeEach(async () => {
  await emptyBindings(worker.env);
  asked = [];
  held = [];
});

async function install(id: string, path: string, names: readonly string[] = ["hourly"]): Promise<void> {
  const { plan } = await worker.call<{ plan: { hash: string } }>(
    "POST",
    "/api/admin/plugins",
    await packBundle({
      manifest: {
        id,
        version: "1.0.0",
        capabilities: ["network:request"],
        allowedHosts: ["api.shop.dev"],
        hooks: ["cron"],
        bulkhead: { schedules: names.map((name) => ({ name, cron: "0 * * * *" })) },
      },
      backend: `export default { hooks: { cron: (event, ctx) => ctx.http.fetch("https://api.shop.dev${path}").then(() => {}) } };`,
    }),
  );
  await worker.call("POST", `/api/admin/plugins/${id}/consent`, { version: "1.0.0", planHash: plan.hash });
}

const makeDue = () => worker.env.DB.exec("UPDATE _host_schedules SET next_run_at = '2020-01-01T00:00:00.000Z'");
const statuses = async (id: string) =>
  (await worker.call<{ items: readonly { status: string }[] }>("GET", `/api/admin/plugins/${id}/runs`)).items.map(
    ({ status }) => status,
  );

describe("two Workers on one tick", () => {
  test("run each of twelve schedules once", async () => {
    const names = Array.from({ length: 12 }, (_, i) => `s${i}`);
    await install("job", "/quick", names);
    for (const times of [1, 2]) {
      await makeDue();
      await Promise.all([worker.tick(), worker.tickTwin(), worker.tick(), worker.tickTwin()]);
      expect(asked).toHaveLength(12 * times);
      expect(await statuses("job")).toEqual(Array(12 * times).fill("ok"));
    }
    const { results } = await worker.env.DB.prepare(
      "SELECT schedule, count(*) AS n FROM _host_runs GROUP BY schedule HAVING n <> 2",
    ).all();
    expect(results).toEqual([]);
  });
});

describe("a run", () => {
  test("that is slow delays no other, however many are", async () => {
    await install("slow", "/slow", ["a", "b", "c", "d"]);
    await install("quick", "/quick");
    await makeDue();
    const ticking = worker.tick();
    await expect.poll(() => statuses("quick")).toEqual(["ok"]);
    await expect.poll(() => held.length).toBe(4);
    expect(await statuses("slow")).toEqual(Array(4).fill("running"));
    for (const response of held) response.end("at last");
    await ticking;
    expect(await statuses("slow")).toEqual(Array(4).fill("ok"));
  });

  test("is reached by no request", async () => {
    await install("job", "/quick");
    await makeDue();
    for (const path of ["/ScheduleRuns", "/run", "/api/ScheduleRuns/run", "/?entrypoint=ScheduleRuns"]) {
      await worker.visit(path);
    }
    expect(asked).toEqual([]);
    await worker.tick();
    expect(asked).toEqual(["/quick"]);
  });
});
