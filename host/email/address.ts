/**
 * Is this an address mail may go to? One plain address as SMTP knows it: no name beside it, no quotes, comments or lists,
 * ASCII only. So it can stand in a header, in JSON or in an envelope and mean the same in each. Pure.
 */
import { EMAIL_LIMITS } from "./limits.ts";

/** Without `%` and `!`, by which old servers pass mail on to another. */
const LOCAL = /^[A-Za-z0-9#$&'*+/=^_~-]+(\.[A-Za-z0-9#$&'*+/=^_~-]+)*$/;
const LABEL = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
/** Names that no mail leaves for. */
const NOWHERE = /(^|\.)(localhost|local|localdomain|internal|invalid|onion|arpa)$/;

/** The address with its domain in lower case, or undefined. */
export function toEmailAddress(text: string): string | undefined {
  if (text.length > EMAIL_LIMITS.addressChars) return undefined;
  const [local = "", domain = "", ...rest] = text.split("@");
  // SECURITY: what is no plain address is refused, not repaired. (tests/host/email.test.ts, "that could be read as another")
  if (rest.length > 0 || local.length > 64 || !LOCAL.test(local)) return undefined;
  const name = domain.toLowerCase();
  const labels = name.split(".");
  if (labels.length < 2 || !labels.every((label) => LABEL.test(label)) || NOWHERE.test(name)) return undefined;
  // A top level of digits is an IP address.
  return /^[0-9]+$/.test(labels.at(-1)!) ? undefined : `${local}@${name}`;
}

/** A sender: an address, and a name where it has one. */
export interface Sender {
  readonly email: string;
  readonly name: string | undefined;
}

/** `news@shop.dev` or `The Shop <news@shop.dev>`, as an administrator writes it; undefined where it is neither. */
export function toSender(text: string): Sender | undefined {
  const named = /^([^<>"\p{C}]{1,100}?)\s*<([^<>]+)>$/u.exec(text.trim());
  const email = toEmailAddress(named?.[2] ?? text.trim());
  return email === undefined ? undefined : { email, name: named?.[1]?.trim() || undefined };
}
