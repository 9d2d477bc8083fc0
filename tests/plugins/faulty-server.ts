/** What answers where no mock of a provider goes wrong in the right way? A server on loopback that says what it is told. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** A running server. */
export interface FaultyServer {
  readonly url: string;
  /** Decides the next answers. */
  answerWith(listener: RequestListener): void;
  /** A status, headers and a body for every request. */
  answer(status: number, body: string, headers?: Readonly<Record<string, string>>): void;
  close(): Promise<void>;
}

export async function startFaultyServer(): Promise<FaultyServer> {
  let listener: RequestListener = (_, response) => void response.writeHead(500).end();
  const server = createServer((request, response) => listener(request, response));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answerWith: (next) => {
      listener = next;
    },
    answer: (status, body, headers = { "content-type": "application/json" }) => {
      listener = (_, response) => void response.writeHead(status, headers).end(body);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
