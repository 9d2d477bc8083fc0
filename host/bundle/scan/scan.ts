/** stub */
import type { PluginManifest } from "@bulkhead/sdk";
/** x */
export interface ScanFinding {
  readonly level: "info" | "warning" | "danger";
  readonly code: string;
  readonly message: string;
}
/** x */
export function scanCode(
  _code: string,
  _o: { readonly manifest: PluginManifest; readonly methods: readonly unknown[]; readonly map: Uint8Array | undefined },
): readonly ScanFinding[] {
  return [];
}
