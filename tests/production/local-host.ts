/** Hosts on this machine for tests of processes: started from their sources with a server they may ask, called as an administrator. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { startLocalServer, type LocalServer } from "../../scripts/local-server.ts";
import { packBundle } from "../../scripts/pack-bundle.ts";

/** Waits until a server listens; its port. */
export function listen(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
}

/** Starts a host over a folder of state; `api.shop.dev` is the server. */
export async function startHost(stateDir: string, internet: Server): Promise<LocalServer> {
  const probe = createServer();
  const port = await listen(probe);
  await new Promise((resolve) => probe.close(resolve));
  const { port: answering } = internet.address() as AddressInfo;
  return startLocalServer({ port, stateDir, loopbackHosts: { "api.shop.dev": `http://127.0.0.1:${answering}` } });
}

/** An administrator's call; the JSON that came back. Throws where the status is not 2xx. */
export async function callHost<Answer>(
  server: LocalServer,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
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

/** Uploads a plugin and consents to all of it. */
export async function installOn(server: LocalServer, source: Parameters<typeof packBundle>[0]): Promise<void> {
  const bundle = await packBundle(source);
  const { plan } = await callHost<{ plan: { hash: string; plugin: { id: string; version: string } } }>(
    server,
    "POST",
    "/api/admin/plugins",
    bundle,
  );
  const { id, version } = plan.plugin;
  await callHost(server, "POST", `/api/admin/plugins/${id}/consent`, { version, planHash: plan.hash });
}
