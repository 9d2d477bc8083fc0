/**
 * What becomes of these addresses and chains of redirects? Data for `network-table.test.ts`: each row is decided by the pure
 * functions, and a share of them by the bridge of a real plugin.
 */

/**
 * - `ok`: sent;
 * - `host`, `scheme`, `port`: public, but not granted;
 * - `internal`: never, whatever was granted;
 * - `name`, `user`, `address`: no address of a host to begin with.
 */
export type Verdict = "ok" | "host" | "scheme" | "port" | "internal" | "name" | "user" | "address";

/** What the tables' plugin is granted. */
export const GRANTED = [
  "api.shop.dev",
  "*.cdn.dev",
  "deep.x.pay.dev",
  "alt.dev:8443",
  "*.alt.dev:8443",
  "http://plain.dev",
  "http://*.plain.dev:8080",
  "both.dev",
  "http://both.dev",
  "xn--mnchen-3ya.dev",
  // These are internal all the same.
  "127.0.0.1",
  "*.nip.io",
  "metadata.google.internal",
  "cms.example",
  "*.acme.workers.dev",
];

/** Where the site lives. */
export const OWN_ADDRESSES = ["https://cms.example", "https://bulkhead.acme.workers.dev/"];

/** The address as the plugin writes it, and what becomes of it. */
// prettier-ignore
export const ADDRESSES: readonly (readonly [url: string, verdict: Verdict])[] = [
  // The granted name, in every form it may have.
  ["https://api.shop.dev", "ok"], ["https://api.shop.dev/", "ok"], ["https://api.shop.dev/a/../b?c=d#e", "ok"],
  ["https://API.Shop.DEV/", "ok"], ["https://api.shop.dev./", "ok"], ["https://api.shop.dev:443/", "ok"],
  ["https://api.shop.dev:/", "ok"], ["https://api.shop.dev:0443/", "ok"], ["https:api.shop.dev/", "ok"], ["https:///api.shop.dev/", "ok"],
  ["https:\\\\api.shop.dev\\x", "ok"], ["  https://api.shop.dev/\n", "ok"], ["ht\ntps://api.sh\top.dev/", "ok"],
  ["https://api.shop%2edev/", "ok"], ["https://%61pi.shop.dev/", "ok"], ["https://ａｐｉ.shop.dev/", "ok"], ["https://api。shop。dev/", "ok"],
  ["https://api.shop.dev?x=https://evil.dev/", "ok"], ["https://api.shop.dev#@evil.dev/", "ok"], ["https://api.shop.dev/@evil.dev", "ok"],
  ["HTTPS://api.shop.dev/", "ok"], ["https://münchen.dev/", "ok"], ["https://xn--mnchen-3ya.dev/", "ok"], ["https://MÜNCHEN.dev/", "ok"],
  // Wildcards: below, and the name itself.
  ["https://cdn.dev/", "ok"], ["https://a.cdn.dev/", "ok"], ["https://a.b.c.cdn.dev/", "ok"], ["https://A.CDN.dev./", "ok"],
  ["https://_x.cdn.dev/", "ok"], ["https://evilcdn.dev/", "host"], ["https://cdn.dev.evil.dev/", "host"], ["https://cdn.devil/", "host"],
  ["https://acdn.dev/", "host"], ["https://a.cdn.dev.ru/", "host"], ["https://*.cdn.dev/", "name"], ["https://a..cdn.dev/", "name"],
  ["https://.cdn.dev/", "name"], ["https://a,b.cdn.dev/", "name"], ["https://a'b.cdn.dev/", "name"], [`https://${"a".repeat(64)}.cdn.dev/`, "name"],
  [`https://${"a.".repeat(130)}cdn.dev/`, "name"], ["https://x.pay.dev/", "host"], ["https://a.deep.x.pay.dev/", "host"],
  // Look-alikes of the granted name.
  ["https://shop.dev/", "host"], ["https://xapi.shop.dev/", "host"], ["https://a.api.shop.dev/", "host"], ["https://api.shop.dev.evil.dev/", "host"],
  ["https://api-shop.dev/", "host"], ["https://apishop.dev/", "host"], ["https://api.shop.de/", "host"], ["https://\u0430pi.shop.dev/", "host"],
  ["https://api.sh\u043ep.dev/", "host"], ["https://evil.dev/api.shop.dev", "host"], ["https://evil.dev?api.shop.dev", "host"],
  ["https://evil.dev#api.shop.dev", "host"], ["https://evil.dev#@api.shop.dev/", "host"], ["https://evil.dev\\@api.shop.dev/", "host"],
  ["https://evil.dev/\\api.shop.dev", "host"], ["https://evil.dev\t@api.shop.dev/", "user"], ["https://api.shop.dev%2eevil.dev/", "host"],
  ["https://api.shop.dev\u3002evil.dev/", "host"], ["https://api.shop.dev%00.evil.dev/", "address"], ["https://api.shop.dev%0d%0a.evil.dev/", "address"],
  ["https://api.shop.dev evil.dev/", "address"], ["https://api.shop.dev|evil.dev/", "address"], ["https://api.shop.dev<evil.dev/", "address"],
  // Users.
  ["https://user@api.shop.dev/", "user"], ["https://user:pass@api.shop.dev/", "user"], ["https://:pass@api.shop.dev/", "user"],
  ["https://api.shop.dev@evil.dev/", "user"], ["https://api.shop.dev:443@evil.dev/", "user"], ["https://api.shop.dev%40evil.dev/", "address"],
  ["https://evil.dev@api.shop.dev@evil.dev/", "user"], ["https://@api.shop.dev/", "ok"],
  // Ports.
  ["https://api.shop.dev:8443/", "port"], ["https://api.shop.dev:80/", "port"], ["https://api.shop.dev:444/", "port"], ["https://api.shop.dev:0/", "port"],
  ["https://api.shop.dev:65536/", "address"], ["https://api.shop.dev:443x/", "address"], ["https://api.shop.dev:-1/", "address"],
  ["https://alt.dev:8443/", "ok"], ["https://a.alt.dev:8443/", "ok"], ["https://alt.dev/", "port"], ["https://alt.dev:443/", "port"],
  ["https://alt.dev:8444/", "port"], ["http://alt.dev:8443/", "scheme"], ["https://a.cdn.dev:8443/", "port"],
  // Schemes: plain http where the pattern says so.
  ["http://api.shop.dev/", "scheme"], ["http://api.shop.dev:443/", "scheme"], ["http://a.cdn.dev/", "scheme"], ["http://plain.dev/", "ok"],
  ["http://plain.dev:80/", "ok"], ["https://plain.dev/", "scheme"], ["http://plain.dev:8080/", "ok"], ["http://a.plain.dev:8080/", "ok"],
  ["http://a.plain.dev/", "port"], ["http://plain.dev:443/", "port"], ["http://both.dev/", "ok"], ["https://both.dev/", "ok"],
  ["http://evil.dev/", "host"], ["ftp://api.shop.dev/", "scheme"], ["ws://api.shop.dev/", "scheme"], ["wss://api.shop.dev/", "scheme"],
  ["file:///etc/passwd", "scheme"], ["data:text/plain,hi", "scheme"], ["javascript:alert(1)", "scheme"], ["blob:https://api.shop.dev/x", "scheme"],
  ["about:blank", "scheme"], ["gopher://api.shop.dev:70/_x", "scheme"], ["view-source:https://api.shop.dev/", "scheme"], ["https+unix://api.shop.dev/", "scheme"],
  ["//api.shop.dev/", "address"], ["/relative", "address"], ["api.shop.dev", "address"], ["https://", "address"], ["https:", "address"],
  ["", "address"], ["http//api.shop.dev", "address"], ["\u0000https://api.shop.dev/", "ok"], [`https://api.shop.dev/${"x".repeat(8_200)}`, "address"],
  // IPv4, granted or not, in every spelling.
  ["https://127.0.0.1/", "internal"], ["http://127.0.0.1/", "internal"], ["https://127.0.0.1:8443/", "internal"], ["https://127.1/", "internal"],
  ["https://127.0.1/", "internal"], ["https://0/", "internal"], ["https://0.0.0.0/", "internal"], ["https://2130706433/", "internal"],
  ["https://0x7f000001/", "internal"], ["https://0x7f.1/", "internal"], ["https://0X7F.0x0.0X0.0x1/", "internal"], ["https://0177.0.0.1/", "internal"],
  ["https://017700000001/", "internal"], ["https://0177.0x0.1/", "internal"], ["https://127.0.0.1./", "internal"], ["https://127.0.0.1../", "name"],
  ["https://１２７.0.0.1/", "internal"], ["https://①②⑦.0.0.1/", "internal"], ["https://127。0。0。1/", "internal"], ["https://%31%32%37.0.0.1/", "internal"],
  ["https://127%2e0%2e0%2e1/", "internal"], ["https://127.0.0.256/", "address"], ["https://127.0.0.1.5/", "address"], ["https://4294967296/", "address"],
  ["https://10.0.0.1/", "internal"], ["https://10.1/", "internal"], ["https://172.16.0.1/", "internal"], ["https://172.31.255.255/", "internal"],
  ["https://192.168.1.1/", "internal"], ["https://192.168.257/", "internal"], ["https://169.254.169.254/latest/meta-data", "internal"],
  ["https://2852039166/", "internal"], ["https://100.64.0.1/", "internal"], ["https://100.100.100.200/", "internal"], ["https://192.0.0.170/", "internal"],
  ["https://192.0.2.1/", "internal"], ["https://198.18.0.1/", "internal"], ["https://198.51.100.1/", "internal"], ["https://203.0.113.1/", "internal"],
  ["https://192.88.99.1/", "internal"], ["https://224.0.0.1/", "internal"], ["https://239.255.255.250/", "internal"], ["https://240.0.0.1/", "internal"],
  ["https://255.255.255.255/", "internal"], ["https://8.8.8.8/", "internal"], ["https://1.1.1.1/", "internal"], ["https://134744072/", "internal"],
  // IPv6.
  ["https://[::1]/", "internal"], ["https://[::]/", "internal"], ["https://[0:0:0:0:0:0:0:1]/", "internal"], ["https://[0000:0000::0001]/", "internal"],
  ["https://[::ffff:127.0.0.1]/", "internal"], ["https://[::ffff:7f00:1]/", "internal"], ["https://[::FFFF:7F00:1]/", "internal"],
  ["https://[::127.0.0.1]/", "internal"], ["https://[::7f00:1]/", "internal"], ["https://[::ffff:0:127.0.0.1]/", "internal"],
  ["https://[64:ff9b::7f00:1]/", "internal"], ["https://[64:ff9b::10.0.0.1]/", "internal"], ["https://[64:ff9b:1::1]/", "internal"],
  ["https://[2002:7f00:1::]/", "internal"], ["https://[2002:c0a8:101::1]/", "internal"], ["https://[2001:0:0:0:0:0:80ff:fffe]/", "internal"],
  ["https://[fe80::1]/", "internal"], ["https://[febf::1]/", "internal"], ["https://[fec0::1]/", "internal"], ["https://[fc00::1]/", "internal"],
  ["https://[fd00:ec2::254]/", "internal"], ["https://[ff02::1]/", "internal"], ["https://[2001:db8::1]/", "internal"], ["https://[3fff::1]/", "internal"],
  ["https://[100::1]/", "internal"], ["https://[2606:4700::1111]/", "internal"], ["https://[fe80::1%25eth0]/", "address"], ["https://[fe80::1%eth0]/", "address"],
  ["https://[::1/", "address"], ["https://::1/", "address"], ["https://[127.0.0.1]/", "address"], ["https://[::ffff:0x7f.1]/", "address"],
  // Names that lead inside.
  ["https://localhost/", "internal"], ["https://localhost./", "internal"], ["https://localhost../", "name"], ["https://LOCALHOST/", "internal"],
  ["https://ｌocalhost/", "internal"], ["https://a.localhost/", "internal"], ["https://localhost.localdomain/", "internal"], ["https://metadata/", "internal"],
  ["https://metadata.google.internal/computeMetadata/v1/", "internal"], ["https://metadata.google.internal./", "internal"], ["https://metadata.google/", "internal"],
  ["https://instance.ec2.internal/", "internal"], ["https://kubernetes.default.svc.cluster.local/", "internal"], ["https://host.docker.internal/", "internal"],
  ["https://printer.local/", "internal"], ["https://router.lan/", "internal"], ["https://nas.home/", "internal"], ["https://dc.corp/", "internal"],
  ["https://x.home.arpa/", "internal"], ["https://1.0.0.127.in-addr.arpa/", "internal"], ["https://x.onion/", "internal"], ["https://db.service.consul/", "internal"],
  ["https://127.0.0.1.nip.io/", "internal"], ["https://7f000001.nip.io/", "internal"], ["https://10-0-0-1.sslip.io/", "internal"], ["https://lvh.me/", "internal"],
  ["https://a.localtest.me/", "internal"], ["https://7f000001.c0a80001.rbndr.us/", "internal"], ["https://10-0-0-1.abc.plex.direct/", "internal"],
  ["https://notlocalhost.dev/", "host"], ["https://internal.dev/", "host"], ["https://xnip.io/", "host"],
  // The site itself.
  ["https://cms.example/", "internal"], ["https://CMS.example./api/admin/plugins", "internal"], ["http://cms.example:8443/", "internal"], ["https://www.cms.example/", "internal"],
  ["https://xcms.example/", "host"], ["https://a.cms.example/", "host"], ["https://bulkhead.acme.workers.dev/", "internal"],
  ["https://a1b2c3-bulkhead.acme.workers.dev/", "internal"], ["https://acme.workers.dev/", "internal"], ["https://bulkhead.other.workers.dev/", "host"],
];

/** A chain of redirects. */
export interface Chain {
  readonly what: string;
  readonly start: string;
  readonly method?: string;
  /** Status and `Location` of each answer in turn; the one after the last is 200. */
  readonly answers: readonly (readonly [status: number, location: string])[];
  readonly verdict: Verdict | "too-many" | "not-an-address";
  /** The requests that were sent: method and address. The first is `start`'s. */
  readonly sent: readonly string[];
  /** Whether the last request still carries the key. */
  readonly hasKey?: boolean;
}

const A = "https://api.shop.dev";
const B = "https://a.cdn.dev";

// prettier-ignore
export const CHAINS: readonly Chain[] = [
  { what: "none", start: `${A}/`, answers: [], verdict: "ok", sent: [`GET ${A}/`], hasKey: true },
  { what: "the same origin", start: `${A}/`, answers: [[302, "/x"]], verdict: "ok", sent: [`GET ${A}/`, `GET ${A}/x`], hasKey: true },
  { what: "the same origin, absolute", start: `${A}/`, answers: [[301, `${A}/x`]], verdict: "ok", sent: [`GET ${A}/`, `GET ${A}/x`], hasKey: true },
  { what: "relative to a folder", start: `${A}/a/b`, answers: [[302, "c"]], verdict: "ok", sent: [`GET ${A}/a/b`, `GET ${A}/a/c`], hasKey: true },
  { what: "only a query", start: `${A}/a`, answers: [[302, "?q"]], verdict: "ok", sent: [`GET ${A}/a`, `GET ${A}/a?q`], hasKey: true },
  { what: "only a fragment", start: `${A}/a`, answers: [[302, "#f"]], verdict: "ok", sent: [`GET ${A}/a`, `GET ${A}/a`], hasKey: true },
  { what: "out of the folder", start: `${A}/a/b`, answers: [[302, "../../../c"]], verdict: "ok", sent: [`GET ${A}/a/b`, `GET ${A}/c`], hasKey: true },
  { what: "the own port, written out", start: `${A}/`, answers: [[302, "https://api.shop.dev:443/x"]], verdict: "ok", sent: [`GET ${A}/`, `GET ${A}/x`], hasKey: true },
  { what: "a granted other host", start: `${A}/`, answers: [[302, `${B}/x`]], verdict: "ok", sent: [`GET ${A}/`, `GET ${B}/x`], hasKey: false },
  { what: "there and back", start: `${A}/`, answers: [[302, `${B}/`], [302, `${A}/x`]], verdict: "ok", sent: [`GET ${A}/`, `GET ${B}/`, `GET ${A}/x`], hasKey: false },
  { what: "another name of a wildcard", start: `${B}/`, answers: [[302, "https://b.cdn.dev/"]], verdict: "ok", sent: [`GET ${B}/`, "GET https://b.cdn.dev/"], hasKey: false },
  { what: "the same name with a final dot", start: `${A}/`, answers: [[302, "https://api.shop.dev./"]], verdict: "ok", sent: [`GET ${A}/`, "GET https://api.shop.dev./"], hasKey: false },
  { what: "up to https", start: "http://both.dev/", answers: [[301, "https://both.dev/"]], verdict: "ok", sent: ["GET http://both.dev/", "GET https://both.dev/"], hasKey: false },
  { what: "down to granted http", start: "https://both.dev/", answers: [[301, "http://both.dev/"]], verdict: "ok", sent: ["GET https://both.dev/", "GET http://both.dev/"], hasKey: false },
  { what: "down to http", start: `${A}/`, answers: [[301, "http://api.shop.dev/"]], verdict: "scheme", sent: [`GET ${A}/`] },
  { what: "a host that is not granted", start: `${A}/`, answers: [[302, "https://evil.dev/"]], verdict: "host", sent: [`GET ${A}/`] },
  { what: "one that is not granted, later", start: `${A}/`, answers: [[302, "/x"], [302, `${B}/`], [302, "https://evil.dev/"]], verdict: "host", sent: [`GET ${A}/`, `GET ${A}/x`, `GET ${B}/`] },
  { what: "without a scheme", start: `${A}/`, answers: [[302, "//evil.dev/"]], verdict: "host", sent: [`GET ${A}/`] },
  { what: "backslashes", start: `${A}/`, answers: [[302, "\\\\evil.dev\\x"]], verdict: "host", sent: [`GET ${A}/`] },
  { what: "a slash and a backslash", start: `${A}/`, answers: [[302, "/\\evil.dev"]], verdict: "host", sent: [`GET ${A}/`] },
  { what: "three slashes", start: `${A}/`, answers: [[302, "///evil.dev"]], verdict: "host", sent: [`GET ${A}/`] },
  { what: "a scheme without slashes", start: `${A}/a/`, answers: [[302, "https:evil.dev"]], verdict: "ok", sent: [`GET ${A}/a/`, `GET ${A}/a/evil.dev`], hasKey: true },
  { what: "the other scheme without slashes", start: `${A}/`, answers: [[302, "http:evil.dev"]], verdict: "host", sent: [`GET ${A}/`] },
  { what: "a user", start: `${A}/`, answers: [[302, "https://user@api.shop.dev/"]], verdict: "user", sent: [`GET ${A}/`] },
  { what: "the granted name as a user", start: `${A}/`, answers: [[302, "https://api.shop.dev@evil.dev/"]], verdict: "user", sent: [`GET ${A}/`] },
  { what: "another port", start: `${A}/`, answers: [[302, `${A}:8443/`]], verdict: "port", sent: [`GET ${A}/`] },
  { what: "another granted port", start: "https://alt.dev:8443/", answers: [[302, "https://b.alt.dev:8443/"]], verdict: "ok", sent: ["GET https://alt.dev:8443/", "GET https://b.alt.dev:8443/"], hasKey: false },
  { what: "the metadata address", start: `${A}/`, answers: [[302, "http://169.254.169.254/latest"]], verdict: "internal", sent: [`GET ${A}/`] },
  { what: "the metadata address as a number", start: `${A}/`, answers: [[307, "//2852039166/"]], verdict: "internal", sent: [`GET ${A}/`] },
  { what: "IPv6", start: `${A}/`, answers: [[302, "https://[::ffff:7f00:1]/"]], verdict: "internal", sent: [`GET ${A}/`] },
  { what: "localhost", start: `${A}/`, answers: [[308, "https://localhost/"]], verdict: "internal", sent: [`GET ${A}/`] },
  { what: "a rebinding service", start: `${A}/`, answers: [[302, "https://7f000001.nip.io/"]], verdict: "internal", sent: [`GET ${A}/`] },
  { what: "the site itself", start: `${A}/`, answers: [[302, "https://cms.example/api/admin/plugins"]], verdict: "internal", sent: [`GET ${A}/`] },
  { what: "a script", start: `${A}/`, answers: [[302, "javascript:alert(1)"]], verdict: "scheme", sent: [`GET ${A}/`] },
  { what: "a file", start: `${A}/`, answers: [[302, "file:///etc/passwd"]], verdict: "scheme", sent: [`GET ${A}/`] },
  { what: "data", start: `${A}/`, answers: [[302, "data:text/html,x"]], verdict: "scheme", sent: [`GET ${A}/`] },
  { what: "nonsense", start: `${A}/`, answers: [[302, "https://"]], verdict: "not-an-address", sent: [`GET ${A}/`] },
  { what: "a broken port", start: `${A}/`, answers: [[302, "https://api.shop.dev:x/"]], verdict: "not-an-address", sent: [`GET ${A}/`] },
  { what: "five", start: `${A}/`, answers: [[302, "/1"], [302, "/2"], [302, "/3"], [302, "/4"], [302, "/5"]], verdict: "ok", sent: [`GET ${A}/`, `GET ${A}/1`, `GET ${A}/2`, `GET ${A}/3`, `GET ${A}/4`, `GET ${A}/5`], hasKey: true },
  { what: "six", start: `${A}/`, answers: [[302, "/1"], [302, "/2"], [302, "/3"], [302, "/4"], [302, "/5"], [302, "/6"]], verdict: "too-many", sent: [`GET ${A}/`, `GET ${A}/1`, `GET ${A}/2`, `GET ${A}/3`, `GET ${A}/4`, `GET ${A}/5`] },
  { what: "301 after POST", start: `${A}/`, method: "POST", answers: [[301, "/x"]], verdict: "ok", sent: [`POST ${A}/`, `GET ${A}/x`], hasKey: true },
  { what: "302 after POST", start: `${A}/`, method: "POST", answers: [[302, "/x"]], verdict: "ok", sent: [`POST ${A}/`, `GET ${A}/x`], hasKey: true },
  { what: "303 after POST", start: `${A}/`, method: "POST", answers: [[303, "/x"]], verdict: "ok", sent: [`POST ${A}/`, `GET ${A}/x`], hasKey: true },
  { what: "307 after POST", start: `${A}/`, method: "POST", answers: [[307, "/x"]], verdict: "ok", sent: [`POST ${A}/`, `POST ${A}/x`], hasKey: true },
  { what: "308 after POST", start: `${A}/`, method: "POST", answers: [[308, "/x"]], verdict: "ok", sent: [`POST ${A}/`, `POST ${A}/x`], hasKey: true },
  { what: "307 after POST to another host", start: `${A}/`, method: "POST", answers: [[307, `${B}/`]], verdict: "ok", sent: [`POST ${A}/`, `POST ${B}/`], hasKey: false },
  { what: "301 after PUT", start: `${A}/`, method: "PUT", answers: [[301, "/x"]], verdict: "ok", sent: [`PUT ${A}/`, `PUT ${A}/x`], hasKey: true },
  { what: "303 after PUT", start: `${A}/`, method: "PUT", answers: [[303, "/x"]], verdict: "ok", sent: [`PUT ${A}/`, `GET ${A}/x`], hasKey: true },
  { what: "303 after DELETE", start: `${A}/`, method: "DELETE", answers: [[303, "/x"]], verdict: "ok", sent: [`DELETE ${A}/`, `GET ${A}/x`], hasKey: true },
  { what: "303 after HEAD", start: `${A}/`, method: "HEAD", answers: [[303, "/x"]], verdict: "ok", sent: [`HEAD ${A}/`, `HEAD ${A}/x`], hasKey: true },
  { what: "302 after HEAD", start: `${A}/`, method: "HEAD", answers: [[302, "/x"]], verdict: "ok", sent: [`HEAD ${A}/`, `HEAD ${A}/x`], hasKey: true },
  { what: "303 and then 307", start: `${A}/`, method: "POST", answers: [[303, "/x"], [307, "/y"]], verdict: "ok", sent: [`POST ${A}/`, `GET ${A}/x`, `GET ${A}/y`], hasKey: true },
  { what: "300, which is an answer", start: `${A}/`, answers: [[300, `${B}/`]], verdict: "ok", sent: [`GET ${A}/`], hasKey: true },
  { what: "304, which is an answer", start: `${A}/`, answers: [[304, `${B}/`]], verdict: "ok", sent: [`GET ${A}/`], hasKey: true },
  { what: "201 with a location, which is an answer", start: `${A}/`, method: "POST", answers: [[201, "https://evil.dev/"]], verdict: "ok", sent: [`POST ${A}/`], hasKey: true },
];
