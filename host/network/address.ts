/**
 * May a plugin's request go to this address at all, whatever was granted? Names of the public internet only: no IP literal
 * in any spelling, no internal name, none of the site's own. Which of the public ones is the grant's business.
 */
import { fail, ok, type Result } from "../result.ts";
import { INTERNAL_SUFFIXES, isBelow, REBINDING_SUFFIXES } from "./internal-names.ts";
import { describeIpLiteral } from "./ip-literal.ts";
import { isOwnHost, type OwnHosts } from "./own-hosts.ts";

/** Why an address is refused, in words for the guest. EmDash's wording up to the first period. */
export type AddressReason = string;

/** Characters of an address. */
const ADDRESS_CHARS = 8_192;
/** A name as resolvers know it; the parser allows much more. */
const HOST_NAME = /^(?!.{254})[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/;

/**
 * Parses and checks a URL. The URL parser has already turned decimal, octal, hex, full-width and percent-encoded spellings
 * into one.
 */
export function checkAddress(text: string, ownHosts: OwnHosts): Result<URL, AddressReason> {
  if (text.length > ADDRESS_CHARS) return fail(`The address is longer than ${ADDRESS_CHARS} characters.`);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return fail(`Not an address: "${text.slice(0, 80)}". Expected https://host/path.`);
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return fail(`Unsupported scheme: ${url.protocol.replace(":", "").slice(0, 20)}. Expected https.`);
  }
  if (url.username !== "" || url.password !== "") {
    return fail("The address holds a user name or password. Send them in a header.");
  }
  const host = url.hostname.replace(/\.$/, "");
  const why = findInternal(host, ownHosts);
  if (why !== undefined) return fail(`Blocked fetch to internal host: ${host.slice(0, 253)}. ${why}`);
  // `localhost..` is no name of the public internet, whatever a resolver makes of it.
  if (!HOST_NAME.test(host)) return fail(`Not a host name: ${host.slice(0, 80)}. Use a public host name.`);
  return ok(url);
}

function findInternal(host: string, ownHosts: OwnHosts): string | undefined {
  const ip = describeIpLiteral(host);
  // SECURITY: an IP literal is never granted. (tests/host/network.test.ts, "a raw IP in any spelling")
  if (ip !== undefined) return `It is an IP address (${ip}). Use a public host name.`;
  if (!host.includes(".")) return "A name without a dot is of a private network. Use a public host name.";
  // SECURITY: nor a name that stands for any address. (tests/host/network.test.ts, "a raw IP in any spelling")
  if (isBelow(REBINDING_SUFFIXES, host)) return "Its names resolve to any address. Use another public host name.";
  if (isBelow(INTERNAL_SUFFIXES, host)) return "It is no name of the public internet. Use a public host name.";
  // SECURITY: a plugin does not call the site as a visitor. (tests/host/network-table.test.ts, "has nothing that gets out though every host is granted")
  if (isOwnHost(ownHosts, host)) return "It is this site itself. Use ctx instead.";
  return undefined;
}
