/** Who sends the requests in the network's tests, and who answers them? */
import { target } from "#target";
import type { Internet } from "../support/target.ts";
import { bridge, probe } from "./plugins.ts";

/** A server everywhere that remembers what it was asked. */
export function listen(
  answer: Internet = () => new Response("reached"),
): { url: string; method: string; headers: Headers; body: string }[] {
  const seen: { url: string; method: string; headers: Headers; body: string }[] = [];
  target.internet(async (request) => {
    const { url, method, headers } = request;
    seen.push({ url, method, headers, body: await request.clone().text() });
    return answer(request);
  });
  return seen;
}

/** A plugin that may reach these hosts, called `client`. */
export const client = (hosts: readonly string[], more: Parameters<typeof probe>[1] = {}) =>
  probe("client", { ...more, capabilities: ["network:request"], hosts });
/** The same, with every host granted. */
export const anywhere = () => probe("client", { capabilities: ["network:request:unrestricted"] });
/** Fetches from within it. */
export const get = (url: string, init?: unknown) =>
  bridge("client", "http.fetch", url, ...(init === undefined ? [] : [init]));
