/**
 * May a plugin's request go to this address at all, whatever was granted? Names of the public internet only: no IP
 * literal in any spelling, no internal name, https on its own port.
 */
import { fail, ok, type Result } from "../result.ts";
import { normalizeHost } from "./host-pattern.ts";

/** Names that resolve to the machine itself or to the cloud's metadata, and services that resolve to any address. */
const INTERNAL_SUFFIXES = [
  "localhost",
  "localdomain",
  "local",
  "internal",
  "intranet",
  "lan",
  "home",
  "corp",
  "home.arpa",
  "onion",
  "nip.io",
  "sslip.io",
  "xip.io",
  "traefik.me",
  "lvh.me",
  "localtest.me",
  "metadata.google",
];

/** Why an address is refused, in words for the guest. EmDash's wording up to the first period. */
export type AddressReason = string;

/** Parses and checks a URL. The URL parser has already turned decimal, octal and hex spellings into dotted IPv4. */
export function checkAddress(text: string): Result<URL, AddressReason> {
  if (text.length > 8_192) return fail("The address is longer than 8192 characters.");
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return fail(`Not an address: "${text.slice(0, 80)}". Expected https://host/path.`);
  }
  if (url.protocol !== "https:") {
    return fail(`Unsupported scheme: ${url.protocol.replace(":", "")}. Expected https.`);
  }
  if (url.username !== "" || url.password !== "") {
    return fail("The address holds a user name or password. Send them in a header.");
  }
  if (url.port !== "") return fail(`Port not allowed: ${url.port}. Expected the standard port of https.`);
  const host = normalizeHost(url.hostname);
  // `localhost..` is no name of the public internet, whatever a resolver makes of it.
  if (host.split(".").includes("")) return fail(`Not a host name: ${host.slice(0, 80)}. Use a public host name.`);
  // SECURITY: an IP literal is never granted. (tests/host/network.test.ts, "a raw IP in any spelling")
  if (host.startsWith("[") || /^[0-9.]+$/.test(host)) {
    return fail(`Blocked fetch to internal host: ${host}. Use a host name.`);
  }
  if (!host.includes(".") || INTERNAL_SUFFIXES.some((suffix) => host === suffix || host.endsWith(`.${suffix}`))) {
    return fail(`Blocked fetch to internal host: ${host}. Use a public host name.`);
  }
  return ok(url);
}
