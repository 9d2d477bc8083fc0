/** The product as `npm start` runs it, on a free port and with a state of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocalLlm, type LocalLlm } from "../../scripts/local-llm.ts";
import { startLocalServer, type LocalServer } from "../../scripts/local-server.ts";

/** A running product with its LLM. */
export interface LocalProduct {
  readonly server: LocalServer;
  readonly llm: LocalLlm;
  close(): Promise<void>;
}

/** Starts it. */
export async function startLocalProduct(): Promise<LocalProduct> {
  const stateDir = await mkdtemp(join(tmpdir(), "bulkhead-e2e-"));
  const llm = await startLocalLlm({ port: 0 });
  const server = await startLocalServer({
    port: await freePort(),
    stateDir,
    loopbackHosts: { "api.openai.com": llm.url },
  });
  return {
    server,
    llm,
    async close() {
      await Promise.all([server.close(), llm.close()]);
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
