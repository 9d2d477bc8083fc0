/**
 * Which kind of IP address is this host? For the words of a refusal alone: every literal is refused, so a range that is
 * missing here lets nothing through. The host must come from the URL parser, which has one spelling for each address.
 */

/** A range of addresses and what it is for, as IANA's special-purpose registries have them. The first that fits counts. */
type Range = readonly [prefix: string, bits: number, what: string];

const V4: readonly Range[] = [
  ["0.0.0.0", 8, "this network"],
  ["10.0.0.0", 8, "private"],
  ["100.64.0.0", 10, "carrier-grade NAT"],
  ["127.0.0.0", 8, "loopback"],
  ["169.254.0.0", 16, "link-local"],
  ["172.16.0.0", 12, "private"],
  ["192.0.0.0", 24, "protocol assignments"],
  ["192.0.2.0", 24, "documentation"],
  ["192.88.99.0", 24, "6to4 relay"],
  ["192.168.0.0", 16, "private"],
  ["198.18.0.0", 15, "benchmarking"],
  ["198.51.100.0", 24, "documentation"],
  ["203.0.113.0", 24, "documentation"],
  ["224.0.0.0", 4, "multicast"],
  ["255.255.255.255", 32, "broadcast"],
  ["240.0.0.0", 4, "reserved"],
];

const V6: readonly Range[] = [
  ["::", 128, "unspecified"],
  ["::1", 128, "loopback"],
  ["::ffff:0:0", 96, "IPv4-mapped"],
  ["::ffff:0:0:0", 96, "IPv4-translated"],
  ["::", 96, "IPv4-compatible"],
  ["64:ff9b::", 96, "NAT64"],
  ["64:ff9b:1::", 48, "NAT64"],
  ["100::", 64, "discard"],
  ["2001::", 32, "Teredo"],
  ["2001:2::", 48, "benchmarking"],
  ["2001:db8::", 32, "documentation"],
  ["3fff::", 20, "documentation"],
  ["2001::", 23, "protocol assignments"],
  ["2002::", 16, "6to4"],
  ["5f00::", 16, "segment routing"],
  ["fc00::", 7, "unique local"],
  ["fe80::", 10, "link-local"],
  ["fec0::", 10, "site-local"],
  ["ff00::", 8, "multicast"],
];

/** At which bit an IPv4 address stands in the ranges that hold one. Teredo has the client's with every bit turned over. */
const EMBEDDED: Readonly<Record<string, number>> = {
  "IPv4-mapped": 96,
  "IPv4-translated": 96,
  "IPv4-compatible": 96,
  NAT64: 96,
  "6to4": 16,
  Teredo: 96,
};

/** What kind of address the host is, e.g. `loopback` or `IPv4-mapped loopback`; undefined for a name. */
export function describeIpLiteral(host: string): string | undefined {
  if (host.startsWith("[")) return describe6(parse6(host.slice(1, -1)));
  return /^\d+(\.\d+){3}$/.test(host) ? describe4(parse4(host)) : undefined;
}

function describe4(address: number): string {
  const fits = ([prefix, bits]: Range) => (address ^ parse4(prefix)) >>> (32 - bits) === 0;
  return V4.find(fits)?.[2] ?? "public";
}

function describe6(address: bigint): string {
  const range = V6.find(([prefix, bits]) => (address ^ parse6(prefix)) >> BigInt(128 - bits) === 0n);
  if (!range) return "public";
  const at = EMBEDDED[range[2]];
  if (at === undefined) return range[2];
  const inner = Number((address >> BigInt(96 - at)) & 0xffff_ffffn);
  return `${range[2]} ${describe4(range[2] === "Teredo" ? ~inner : inner)}`;
}

function parse4(text: string): number {
  return text.split(".").reduce((sum, part) => (sum << 8) | Number(part), 0);
}

/** The parser leaves no dotted part and no zone in it. */
function parse6(text: string): bigint {
  const [head = "", tail] = text.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const [before, after] = [groups(head), groups(tail ?? "")];
  const filled = [...before, ...Array<string>(8 - before.length - after.length).fill("0"), ...after];
  return filled.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}
