/**
 * Which names lead nowhere on the public internet? Names of machines and private networks, and services whose names
 * resolve to whatever address their caller writes into them. A name below one of these counts as well.
 */

/** Never delegated, or reserved for what stays at home. Covers the names under which clouds serve their metadata. */
export const INTERNAL_SUFFIXES: readonly string[] = [
  "localhost",
  "localdomain",
  "local",
  "internal",
  "intranet",
  "private",
  "lan",
  "home",
  "corp",
  "mail",
  "workgroup",
  "consul",
  "arpa",
  "alt",
  "onion",
  "i2p",
  "metadata.google",
  "fritz.box",
];

/** What they resolve to is written in the name, or changes between two look-ups. */
export const REBINDING_SUFFIXES: readonly string[] = [
  "nip.io",
  "sslip.io",
  "xip.io",
  "xip.name",
  "traefik.me",
  "lvh.me",
  "localtest.me",
  "vcap.me",
  "lacolhost.com",
  "fuf.me",
  "local.gd",
  "localho.st",
  "localhost.direct",
  "lcl.host",
  "local-ip.co",
  "local-ip.sh",
  "backname.io",
  "ip.addr.tools",
  "plex.direct",
  "1u.ms",
  "rbndr.us",
  "rebind.network",
];

/** Whether the host is one of the names or below one. */
export function isBelow(names: readonly string[], host: string): boolean {
  return names.some((name) => host === name || host.endsWith(`.${name}`));
}
