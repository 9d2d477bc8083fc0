/**
 * What does the code of a bundle show, before anything of it runs? Sentences for whoever consents. The scan reads; it guards
 * nothing: SECURITY: code can be written so that it shows less than it does, and what it may do its grants alone decide.
 * (tests/host/scan.test.ts, "guards nothing")
 */
import type { PluginManifest } from "@bulkhead/sdk";
import { cleanLine } from "../../trace/clean.ts";
import { readSourceMap } from "../../trace/source-map.ts";
import type { ScanFinding } from "./finding.ts";
import { followContext } from "./flow.ts";
import { findHostFindings } from "./hosts.ts";
import { SCAN_LIMITS } from "./limits.ts";
import { parseCode, type ParseReason } from "./parse.ts";
import { createPlaces } from "./places.ts";
import { findPowerFindings, type ScannedMethod } from "./powers.ts";
import { readTree, type Tree } from "./scopes.ts";
import { findSigns } from "./signs.ts";
import { keyOf } from "./tree.ts";

/** What the code is compared with. */
export interface ScanContext {
  readonly manifest: PluginManifest;
  /** The bridge methods of this host. */
  readonly methods: readonly ScannedMethod[];
  /** `backend.js.map`, for places in the author's files. */
  readonly map: Uint8Array | undefined;
}

/** The findings about `backend.js`. Pure; never throws, whatever the code is. */
export function scanCode(code: string, { manifest, methods, map }: ScanContext): readonly ScanFinding[] {
  const parsed = parseCode(code);
  if (!parsed.ok) return [describeUnread(parsed.reason)];
  const read = map === undefined ? undefined : readSourceMap(map);
  const places = createPlaces(code, read?.ok ? read.value : undefined);
  const tree = readTree(parsed.value);
  const flow = followContext(tree);
  const found = [
    ...findPowerFindings({ manifest, methods, flow, words: toWords(tree), places }),
    ...findHostFindings(tree, manifest, places),
    ...findSigns(code, tree, flow, places),
  ];
  if (!flow.isComplete)
    found.push({
      level: "warning",
      code: "scan-incomplete",
      message: "Its code was not followed to the end: it hands its values on in more ways than this host goes after.",
    });
  return found;
}

/** Every name, key and short text. */
function toWords({ nodes, references }: Tree): ReadonlySet<string> {
  const words = new Set<string>(references.map(({ node }) => node.name));
  for (const { node } of nodes) {
    if (node.type === "Literal" && typeof node.value === "string" && node.value.length <= 64) words.add(node.value);
    if (node.type === "MemberExpression" && node.property.type === "Identifier") words.add(node.property.name);
    const key = node.type === "Property" ? keyOf(node) : undefined;
    if (key !== undefined) words.add(key);
  }
  return words;
}

const LIMITS = {
  nodes: `it has more than ${SCAN_LIMITS.nodes} parts`,
  nesting: "it is nested deeper than any that people write",
  number: `it has a number of more than ${SCAN_LIMITS.numberChars} characters`,
} as const;

function describeUnread(reason: ParseReason): ScanFinding {
  const why = reason.kind === "limit" ? LIMITS[reason.what] : cleanLine(reason.message, 200);
  return {
    level: "danger",
    code: "scan-incomplete",
    message: `Its code could not be scanned: ${why}. Nothing is known of what it does but what it asks for.`,
  };
}
