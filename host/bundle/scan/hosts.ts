/** Which hosts stand in the code and are not asked for? Addresses in texts, put together where all parts are literals. Pure. */
import { parseHostPattern, type PluginManifest } from "@bulkhead/sdk";
import { cleanLine } from "../../trace/clean.ts";
import type { ScanFinding } from "./finding.ts";
import { SCAN_LIMITS } from "./limits.ts";
import type { Places } from "./places.ts";
import type { Tree } from "./scopes.ts";
import { foldText, HOLE } from "./tree.ts";

const ADDRESS = new RegExp(`\\b(?:https?|wss?)://([^\\s/?#"'<>\\\\\`${HOLE}]{1,300})(.?)`, "gis");
/** Names of vocabularies, which nobody means to call. */
const VOCABULARIES = new Set(["schema.org", "www.w3.org", "json-schema.org", "www.sitemaps.org", "ogp.me", "purl.org"]);
/** Names that stand for no server. */
const RESERVED = /(^|\.)(example|example\.(com|net|org)|invalid|test)$/;

/** The findings. */
export function findHostFindings(tree: Tree, manifest: PluginManifest, places: Places): readonly ScanFinding[] {
  if (manifest.capabilities.includes("network:request:unrestricted")) return [];
  const asked = manifest.allowedHosts.flatMap((text) => parseHostPattern(text) ?? []);
  const isAskedFor = (host: string): boolean =>
    asked.some(({ isWildcard, name }) => host === name || (isWildcard && host.endsWith(`.${name}`)));
  const hosts = [...readHosts(tree)].filter(
    ([host]) => !isAskedFor(host) && !VOCABULARIES.has(host) && !RESERVED.test(host),
  );
  const isNetworked = manifest.capabilities.includes("network:request");
  const found = hosts.slice(0, SCAN_LIMITS.listed).map(([host, at]): ScanFinding => {
    const name = cleanLine(host, 100);
    return isNetworked
      ? {
          level: "warning",
          code: "host-not-requested",
          message: `Its code names the host ${name} (${places(at)}), which it does not ask for: requests to it will be refused.`,
        }
      : {
          level: "info",
          code: "host-not-requested",
          message: `Its code names the host ${name} (${places(at)}). It asks for no network, so it can send nothing there itself.`,
        };
  });
  const rest = hosts.length - found.length;
  if (rest > 0)
    found.push({
      level: isNetworked ? "warning" : "info",
      code: "host-not-requested",
      message: `Its code names ${rest} more hosts that it does not ask for.`,
    });
  return found;
}

/** Every host with where it stands first. */
function readHosts({ nodes }: Tree): ReadonlyMap<string, number> {
  const hosts = new Map<string, number>();
  for (const { node, parent } of nodes) {
    if (parent?.type === "BinaryExpression" && parent.operator === "+") continue;
    const text = foldText(node);
    if (text === undefined) continue;
    for (const [, name = "", next] of text.matchAll(ADDRESS)) {
      // A host that goes on in a part nobody knows yet.
      if (next === HOLE) continue;
      const host = toHost(name);
      if (host !== undefined && (hosts.get(host) ?? Infinity) > node.start) hosts.set(host, node.start);
    }
  }
  return hosts;
}

/** As a request would name it: without user and port, in lower case, numbers as an address. */
function toHost(name: string): string | undefined {
  const url = URL.parse(`https://${name}`);
  const host = url?.hostname.replace(/\.$/, "");
  return host !== undefined && /[.:]/.test(host) ? host : undefined;
}
