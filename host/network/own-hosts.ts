/** Under which names is the site itself reached? A plugin has `ctx` for it; requests would come back as a visitor's. Pure. */
import { coversHostName, toHostPattern, type HostPattern } from "@bulkhead/sdk";

/** Names of the site; whatever scheme and port. */
export type OwnHosts = readonly HostPattern[];

/** Cloudflare's own name for a Worker is `<worker>.<account>.workers.dev`; a preview's and another Worker's differ in the first part. */
const WORKERS_DEV = /^[^.]+\.([^.]+\.workers\.dev)$/;

/** The names that go with the site's addresses. What is no address names nothing. */
export function toOwnHosts(addresses: readonly string[]): OwnHosts {
  return addresses.flatMap((address) => {
    const host = URL.canParse(address) ? toHostPattern(new URL(address)) : undefined;
    if (!host) return [];
    const account = WORKERS_DEV.exec(host.name)?.[1];
    if (account !== undefined) return [{ ...host, isWildcard: true, name: account }];
    const other = host.name.startsWith("www.") ? host.name.slice(4) : `www.${host.name}`;
    return [host, { ...host, name: other }];
  });
}

/** Whether a name is one of them. */
export function isOwnHost(own: OwnHosts, name: string): boolean {
  return own.some((host) => coversHostName(host, { ...host, isWildcard: false, name }));
}
