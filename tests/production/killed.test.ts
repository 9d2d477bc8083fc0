/** What is known of an invocation whose Worker was killed in the middle of a call? A real process, a real kill, the same database. */
import { createServer } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LocalServer } from "../../scripts/local-server.ts";
import { callHost, installOn, listen, startHost } from "./local-host.ts";

/** Answers nothing, and remembers what it was asked. */
const asked: string[] = [];
const holding = createServer((request) => asked.push(`${request.method} ${request.url}`));
let stateDir: string;
let running: LocalServer | undefined;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "bulkhead-killed-"));
  await listen(holding);
});
afterAll(async () => {
  await running?.close();
  holding.closeAllConnections();
  holding.close();
  await rm(stateDir, { recursive: true, force: true });
});

test("the row of its start is there, with what it was about to do; a request that only read left none", async () => {
  running = await startHost(stateDir, holding);
  await installOn(running, {
    manifest: {
      id: "buyer",
      version: "1.0.0",
      capabilities: ["network:request"],
      allowedHosts: ["api.shop.dev"],
      routes: ["order", "look"],
    },
    backend: `export default { routes: {
      order: (_, ctx) => ctx.http.fetch("https://api.shop.dev/orders?key=k", { method: "POST", body: "one ship" }).then(() => 1),
      look: (_, ctx) => ctx.http.fetch("https://api.shop.dev/ships").then(() => 1),
    } };`,
  });

  const ended = Promise.allSettled(
    ["order", "look"].map((name) => callHost(running!, "POST", `/api/plugins/buyer/${name}`)),
  );
  await expect.poll(() => asked.toSorted(), { timeout: 20_000 }).toEqual(["GET /ships", "POST /orders?key=k"]);
  await running.kill();
  expect((await ended).map(({ status }) => status)).toEqual(["rejected", "rejected"]);

  running = await startHost(stateDir, holding);
  const { items } = await callHost<{ items: readonly object[] }>(
    running,
    "GET",
    "/api/admin/plugins/buyer/invocations",
  );
  expect(items).toEqual([
    expect.objectContaining({
      id: expect.stringMatching(/^[0-9A-Z]{26}$/),
      kind: "route",
      name: "route:order",
      status: "running",
      outside: "http.fetch POST api.shop.dev",
      requests: 0,
      error: null,
    }),
  ]);
}, 180_000);
