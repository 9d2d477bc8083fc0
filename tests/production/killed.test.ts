/** What is known of an invocation whose Worker was killed in the middle of a call? A real process, a real kill, the same database. */
import { createServer, type Server } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startLocalServer, type LocalServer } from "../../scripts/local-server.ts";
import { packBundle } from "../../scripts/pack-bundle.ts";

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

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
}

async function start(): Promise<LocalServer> {
  const probe = createServer();
  const port = await listen(probe);
  await new Promise((resolve) => probe.close(resolve));
  const { port: heldBy } = holding.address() as AddressInfo;
  return startLocalServer({ port, stateDir, loopbackHosts: { "api.shop.dev": `http://127.0.0.1:${heldBy}` } });
}

async function call<Answer>(server: LocalServer, method: string, path: string, body?: unknown): Promise<Answer> {
  const isBytes = body instanceof Uint8Array;
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${server.bootstrapToken}`,
      "content-type": isBytes ? "application/gzip" : "application/json",
    },
    ...(body === undefined ? {} : { body: isBytes ? new Uint8Array(body) : JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return JSON.parse(text) as Answer;
}

test("the row of its start is there, with what it was about to do; a request that only read left none", async () => {
  running = await start();
  const bundle = await packBundle({
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
  const { plan } = await call<{ plan: { hash: string } }>(running, "POST", "/api/admin/plugins", bundle);
  await call(running, "POST", "/api/admin/plugins/buyer/consent", { version: "1.0.0", planHash: plan.hash });

  const ended = Promise.allSettled(
    ["order", "look"].map((name) => call(running!, "POST", `/api/plugins/buyer/${name}`)),
  );
  await expect.poll(() => asked.toSorted(), { timeout: 20_000 }).toEqual(["GET /ships", "POST /orders?key=k"]);
  await running.kill();
  expect((await ended).map(({ status }) => status)).toEqual(["rejected", "rejected"]);

  running = await start();
  const { items } = await call<{ items: readonly object[] }>(running, "GET", "/api/admin/plugins/buyer/invocations");
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
