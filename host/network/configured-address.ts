/**
 * May this address that an administrator configured be sent a key? https to a name of the public internet. What plugins
 * ask for is judged by their grants beside that.
 */
import { fail, type Result } from "../result.ts";
import { checkAddress, type AddressReason } from "./address.ts";

/** Parses and checks it. */
export function checkConfiguredAddress(text: string): Result<URL, AddressReason> {
  const address = checkAddress(text, []);
  if (!address.ok || address.value.protocol === "https:") return address;
  // SECURITY: a key is never sent in the clear. (tests/host/ai-providers.source.test.ts, "with an address that is not")
  return fail("Unsupported scheme: http. Expected https.");
}
