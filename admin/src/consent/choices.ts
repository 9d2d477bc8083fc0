/**
 * What has the person allowed of a plan? Everything it asks for until they decline something. Pure: turns the choices into
 * what the host is sent, and says how much of the plan they leave.
 */
import type { Decision } from "../api/plugins.ts";
import type { CapabilityName, Plan } from "../api/types.ts";

/** What was declined, and why. */
export interface Choices {
  readonly denied: readonly CapabilityName[];
  readonly deniedHosts: readonly string[];
  readonly note: string;
  /** Whether another signer than before was accepted, where the plan asks for that. */
  readonly acceptsSigner: boolean;
}

/** Nothing declined. */
export const ALLOW_ALL: Choices = { denied: [], deniedHosts: [], note: "", acceptsSigner: false };

/** The list without the item, or with it. */
export function toggled<Item>(list: readonly Item[], item: Item): readonly Item[] {
  return list.includes(item) ? list.filter((each) => each !== item) : [...list, item];
}

/** The capabilities a plan asks for; an update's plan also lists those it gives up. */
export function requested(plan: Plan): Plan["capabilities"] {
  return plan.capabilities.filter((capability) => capability.change !== "removed");
}

/** What is sent to the host. Hosts are named only when some are left out, so that "all" stays readable in the record. */
export function toDecision(plan: Plan, { denied, deniedHosts, note, acceptsSigner }: Choices): Decision {
  return {
    version: plan.plugin.version,
    planHash: plan.hash,
    deny: [...denied],
    ...(deniedHosts.length > 0 ? { hosts: plan.hosts.filter((host) => !deniedHosts.includes(host)) } : {}),
    ...(note.trim() === "" ? {} : { note: note.trim() }),
    ...(acceptsSigner && plan.signer.accept !== null ? { acceptSigner: plan.signer.accept } : {}),
  };
}

/** Whether somebody has yet to say that another signer than before is fine. */
export function waitsForSigner(plan: Plan, { acceptsSigner }: Choices): boolean {
  return plan.signer.accept !== null && !acceptsSigner;
}

/** How much is allowed, in numbers. */
export function countAllowed(plan: Plan, choices: Choices) {
  const capabilities = requested(plan);
  return {
    capabilities: capabilities.filter((capability) => !choices.denied.includes(capability.name)).length,
    ofCapabilities: capabilities.length,
    hosts: plan.hosts.length - choices.deniedHosts.length,
    ofHosts: plan.hosts.length,
  } as const;
}

/** Whether the plan reaches other sites at all once the choices are made. */
export function mayUseNetwork(plan: Plan, choices: Choices): boolean {
  return requested(plan).some(
    (capability) => capability.name.startsWith("network:request") && !choices.denied.includes(capability.name),
  );
}
