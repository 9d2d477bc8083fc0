/** Which version of the contract is this, and does a plugin's range include it? */

/** The version of this contract. A plugin's `bulkhead.apiVersion` range must include it. */
export const API_VERSION = "1.0.0";

/** `^1`, `^1.0` or `1.0.0`: the same major version, and not newer than what the host has. */
export function includesApiVersion(range: string): boolean {
  const [major = 0, minor = 0, patch = 0] = range.replace("^", "").split(".").map(Number);
  const [hostMajor = 0, hostMinor = 0, hostPatch = 0] = API_VERSION.split(".").map(Number);
  if (major !== hostMajor) return false;
  return minor < hostMinor || (minor === hostMinor && patch <= hostPatch);
}
