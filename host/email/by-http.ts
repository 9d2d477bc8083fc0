/** How does a mail leave through a provider's HTTP API? As the JSON that Resend takes: `{from, to, subject, text, html}`. */
import { fail, ok, type Result } from "../result.ts";
import type { Sender } from "./address.ts";
import { EMAIL_LIMITS } from "./limits.ts";
import type { Mail, MailFault, MailOptions } from "./mailer.ts";
import { withDeadline } from "../network/with-deadline.ts";

/** Where the provider is. */
export interface EmailApi {
  readonly url: string;
  readonly key: string;
}

/** Sends it; any status below 300 is a success. */
export async function sendByHttp(
  { url, key }: EmailApi,
  { email, name }: Sender,
  mail: Mail,
  { fetch, signal }: MailOptions,
): Promise<Result<void, MailFault>> {
  try {
    const response = await withDeadline(EMAIL_LIMITS.timeoutMs, signal, (within) =>
      fetch(toRequest({ url, key }, { email, name }, mail, within)),
    );
    await response.body?.cancel();
    return response.ok ? ok(undefined) : fail(`status ${response.status}`);
  } catch {
    return fail(signal.aborted ? "given up" : "unreachable");
  }
}

function toRequest({ url, key }: EmailApi, { email, name }: Sender, mail: Mail, signal: AbortSignal): Request {
  return new Request(url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify({ from: name === undefined ? email : `${name} <${email}>`, ...mail }),
    // SECURITY: the key goes to the configured address and follows no redirect. (tests/host/email.test.ts, "a redirect")
    redirect: "manual",
    signal,
  });
}
