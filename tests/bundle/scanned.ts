/** What does the scan say of a piece of code? With the bundled host's methods, and a manifest that asks for what the test says. */
import { BRIDGES } from "../../host/bridges/table.ts";
import type { ScanFinding } from "../../host/bundle/scan/finding.ts";
import { scanCode } from "../../host/bundle/scan/scan.ts";
import { parseManifest } from "../../sdk/manifest.ts";

/** What the manifest asks for. */
export interface Asked {
  readonly capabilities?: readonly string[];
  readonly allowedHosts?: readonly string[];
  readonly hooks?: readonly string[];
  readonly map?: string;
}

/** The findings about the code. */
export function scanned(code: string, { map, ...asked }: Asked = {}): readonly ScanFinding[] {
  const parsed = parseManifest({ id: "scanned", version: "1.0.0", ...asked });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return scanCode(code, {
    manifest: parsed.manifest,
    methods: [...BRIDGES.values()],
    map: map === undefined ? undefined : new TextEncoder().encode(map),
  });
}

/** A module with one route, `(event, ctx) => { body }`. */
export function route(body: string, top = ""): string {
  return `${top}\nexport default { routes: { go: async (event, ctx) => { ${body} } } };`;
}
