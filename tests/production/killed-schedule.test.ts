/** What becomes of a run whose process is killed in the middle of it? Real processes, a real kill, the same database. */
import { createServer, type ServerResponse } from "node:http";
import { glob, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { LocalServer } from "../../scripts/local-server.ts";
import { callHost, installOn, listen, startHost } from "./local-host.ts";

/** Whom the plugin asks during a run. It answers when it is told to. */
let asked: string[] = [];
let answer: (response: ServerResponse) => void = (response) => response.end("ok");
const shop = createServer((request, response) => {
  asked.push(String(request.url));
  answer(response);
});
let stateDir: string;
let running: LocalServer | undefined;

beforeAll(() => listen(shop));
afterAll(() => {
  shop.closeAllConnections();
  shop.close();
});
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "bulkhead-schedules-"));
  asked = [];
});
afterEach(async () => {
  await running?.close();
  await rm(stateDir, { recursive: true, force: true });
});

async function start(): Promise<LocalServer> {
  running = await startHost(stateDir, shop);
  return running;
}

async function kill(host: LocalServer): Promise<void> {
  running = undefined;
  await host.kill();
}

const job = {
  manifest: {
    id: "job",
    version: "1.0.0",
    capabilities: ["network:request"],
    allowedHosts: ["api.shop.dev"],
    hooks: ["cron"],
    bulkhead: { schedules: [{ name: "hourly", cron: "0 * * * *" }] },
  },
  backend: `export default { hooks: {
    cron: (event, ctx) => ctx.http.fetch("https://api.shop.dev/" + (event.attempt ?? 1)).then(() => undefined),
  } };`,
};

/** The database itself, as somebody with the file has it. Nothing is running on it. */
async function sql(text: string): Promise<void> {
  for await (const file of glob(join(stateDir, "**/d1/**/*.sqlite"))) {
    if (file.endsWith("metadata.sqlite")) continue;
    const database = new DatabaseSync(file);
    try {
      database.exec(text);
    } finally {
      database.close();
    }
  }
}

const runs = async (host: LocalServer) =>
  (await callHost<{ items: readonly object[] }>(host, "GET", "/api/admin/plugins/job/runs")).items;
const runNow = (host: LocalServer) => callHost(host, "POST", "/api/admin/plugins/job/schedules/hourly/run");

describe("a process that is killed in the middle of a run", () => {
  test("leaves it to the next one, which runs it again once; a second time it is given up", async () => {
    answer = () => {};
    let host = await start();
    await installOn(host, job);
    await runNow(host);
    for (const times of [1, 2]) {
      const ticking = host.tick().catch(() => undefined);
      await expect.poll(() => asked.length, { timeout: 20_000 }).toBe(times);
      await kill(host);
      await ticking;
      // Its lease is over, as it is a few minutes later.
      await sql("UPDATE _host_schedules SET lease_until = '2020-01-01T00:00:00.000Z'");
      host = await start();
    }
    await host.tick();
    expect(asked).toEqual(["/1", "/2"]);
    const stopped = { status: "crashed", error: "The Worker stopped during this run." };
    expect(await runs(host)).toEqual([
      expect.objectContaining({ ...stopped, attempt: 2 }),
      expect.objectContaining({ ...stopped, attempt: 1 }),
    ]);
    const { items } = await callHost<{ items: readonly { nextRunAt: string }[] }>(
      host,
      "GET",
      "/api/admin/plugins/job/schedules",
    );
    expect(items).toEqual([expect.objectContaining({ name: "hourly", failures: 1, paused: null, retrying: false })]);
    expect(Date.parse(items[0]!.nextRunAt)).toBeGreaterThan(Date.now());
    // Then it goes on as ever.
    answer = (response) => response.end("ok");
    await runNow(host);
    await host.tick();
    expect((await runs(host))[0]).toMatchObject({ status: "ok", attempt: 1 });
  }, 300_000);
});
