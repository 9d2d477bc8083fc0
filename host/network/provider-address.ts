/** May the host itself send to this address, which whoever installs it configured? Over https, to a public name. */
import { fail, ok, type Result } from "../result.ts";
import { checkAddress, type AddressReason } from "./address.ts";

/** Parses and checks the address of a provider. */
export function checkProviderAddress(text: string): Result<URL, AddressReason> {
  const address = checkAddress(text, []);
  if (!address.ok) return address;
  const { protocol } = address.value;
  return protocol === "https:"
    ? ok(address.value)
    : fail(`Unsupported scheme: ${protocol.replace(":", "")}. Expected https.`);
}
