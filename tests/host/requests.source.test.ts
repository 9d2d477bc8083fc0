/** How does a plugin's request leave the host? What only the sender sees of it. */
import { expect, it } from "vitest";
import { sendRequest } from "../../host/network/send.ts";

it("with no cache in between, and without following a redirect by itself", async () => {
  const seen: Request[] = [];
  const sent = await sendRequest(
    { url: "https://a.shop.dev/", method: "GET", headers: new Headers(), body: undefined },
    {
      fetch: async (request) => {
        seen.push(request);
        return new Response("x");
      },
      refuseHost: async () => undefined,
      ownHosts: [],
      signal: new AbortController().signal,
      takeRoom: () => true,
      mostBytes: 10,
      maxRedirects: 5,
    },
  );
  expect(sent.ok).toBe(true);
  expect(seen.map(({ cache, redirect }) => ({ cache, redirect }))).toEqual([{ cache: "no-store", redirect: "manual" }]);
});

it("with the method that a redirect makes of it judged anew", async () => {
  const judged: string[] = [];
  const sent = await sendRequest(
    { url: "https://a.shop.dev/", method: "POST", headers: new Headers(), body: new Uint8Array(1) },
    {
      fetch: async () => new Response(null, { status: 303, headers: { location: "/x" } }),
      refuseHost: async ({ pathname }, method) => {
        judged.push(`${method} ${pathname}`);
        return method === "POST" ? undefined : `Method not allowed: ${method}.`;
      },
      ownHosts: [],
      signal: new AbortController().signal,
      takeRoom: () => true,
      mostBytes: 10,
      maxRedirects: 5,
    },
  );
  expect(sent).toEqual({ ok: false, reason: { kind: "denied", message: "Method not allowed: GET." } });
  expect(judged).toEqual(["POST /", "GET /x"]);
});
