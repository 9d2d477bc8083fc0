/** How does a server on this machine misbehave? Plain `node:http` on loopback; what it answers is the test's. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that runs. */
export interface Loopback extends AsyncDisposable {
  readonly url: string;
}

/** What is answered to every request. */
export interface FixedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A server with that behaviour. */
export async function startLoopback(listener: RequestListener): Promise<Loopback> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** A server that answers the same to everybody. */
export function startAnswering({ status = 200, headers = {}, body }: FixedAnswer): Promise<Loopback> {
  return startLoopback((request, response) => {
    request.resume();
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
  });
}
