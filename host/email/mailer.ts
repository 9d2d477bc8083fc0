/** How does a mail leave this host? Through the binding `EMAIL` where there is one, else through a provider's HTTP API. */
import { checkConfiguredAddress } from "../network/configured-address.ts";
import { fail, ok, type Result } from "../result.ts";
import type { Fetch } from "../services.ts";
import { toSender, type Sender } from "./address.ts";
import { sendByBinding, type EmailBinding } from "./by-binding.ts";
import { sendByHttp } from "./by-http.ts";

/** A mail whose every part was checked. The sender is never the plugin's. */
export interface Mail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** Sanitised. */
  readonly html?: string;
}

/** Why a mail did not leave; a status or a word for the host's log, which says nothing of whom it was for. */
export type MailFault = string;

/** Sends mail. */
export type Mailer = (mail: Mail, options: MailOptions) => Promise<Result<void, MailFault>>;

/** What sending needs. */
export interface MailOptions {
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
}

/** Where the configuration comes from. */
export interface MailerSources {
  /** `EMAIL`. */
  readonly binding: EmailBinding | undefined;
  /** `EMAIL_FROM`, `EMAIL_API_URL` and `EMAIL_API_KEY`. */
  readonly from: string | undefined;
  readonly url: string | undefined;
  readonly key: string | undefined;
}

/** The mailer, or what is to be set: the reason is for whoever installs the host, and names no value. */
export function createMailer({ binding, from, url, key }: MailerSources): Result<Mailer, string> {
  if (!binding && !url) {
    return fail("Add a send_email binding EMAIL to wrangler.toml, or set EMAIL_API_URL and EMAIL_API_KEY.");
  }
  if (!from) return fail('Set EMAIL_FROM to the sender, e.g. "The Shop <news@shop.example>".');
  const sender: Sender | undefined = toSender(from);
  if (!sender) return fail('EMAIL_FROM is no sender. Expected "news@shop.example" or "The Shop <news@shop.example>".');
  if (binding) return ok((mail) => sendByBinding(binding, sender, mail));
  const address = checkConfiguredAddress(url!);
  if (!address.ok) return fail(`EMAIL_API_URL cannot be used: ${address.reason}`);
  if (!key) return fail("Set the secret EMAIL_API_KEY: npx wrangler secret put EMAIL_API_KEY");
  return ok((mail, options) => sendByHttp({ url: address.value.href, key }, sender, mail, options));
}
