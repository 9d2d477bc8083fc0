/**
 * How does a mail leave through Cloudflare? The `send_email` binding takes its parts and builds the message itself, so no
 * header is ever written here.
 */
import { fail, ok, type Result } from "../result.ts";
import type { Sender } from "./address.ts";
import type { Mail, MailFault } from "./mailer.ts";

/** A `send_email` binding, as far as it is used. */
export interface EmailBinding {
  send(message: {
    readonly from: string | { readonly name: string; readonly email: string };
    readonly to: string[];
    readonly subject: string;
    readonly text: string;
    readonly html?: string;
  }): Promise<unknown>;
}

/** Sends it. */
export async function sendByBinding(
  binding: EmailBinding,
  { email, name }: Sender,
  { to, subject, text, html }: Mail,
): Promise<Result<void, MailFault>> {
  try {
    await binding.send({
      from: name === undefined ? email : { name, email },
      to: [...to],
      subject,
      text,
      ...(html === undefined ? {} : { html }),
    });
    return ok(undefined);
  } catch {
    // SECURITY: what the platform says of a refusal names the recipient. (tests/host/email.source.test.ts, "that the binding refuses")
    return fail("refused by the binding");
  }
}
