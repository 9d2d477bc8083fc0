/** What a live plugin was granted, and changing it without a new version. */
import { api, read, segment } from "./client.ts";
import type { CapabilityName, Grant } from "./types.ts";

/** A change to one permission; hosts that are left out stay as they are. */
export interface GrantChange {
  readonly capability: CapabilityName;
  readonly allowed: boolean;
  readonly hosts?: string[];
}

/** Permissions that are not named stay as they are. */
export async function changeGrant(id: string, change: GrantChange): Promise<readonly Grant[]> {
  const grants = api.admin.plugins[":id"].grants;
  return (await read(grants.$put({ param: { id: segment(id) }, json: { grants: [change] } }))).items;
}
