/** How is mail set up, and what does the host say while it is not? With the platform's own binding, and with none. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import type { EmailBinding } from "../../host/email/by-binding.ts";
import { createMailer, type MailerSources } from "../../host/email/mailer.ts";
import { createWorker } from "../../host/worker.ts";
import { ORIGIN, PROVIDERS } from "../support/target.ts";
import { install } from "./client.ts";
import { probe, type Bridged } from "./plugins.ts";

beforeEach(() => target.reset());

type Bindings = Cloudflare.Env & { readonly EMAIL?: EmailBinding; readonly MAILBOX: EmailBinding };

const MAIL = {
  to: "ada@shop.dev",
  subject: "Grüße",
  text: "Private text",
  html: "<p onclick=x>Private <b>html</b></p>",
};

/** Calls `ctx.email.send` in a Worker with other bindings; its log comes back too. */
async function sendWith(changed: Record<string, unknown>, mail: unknown = MAIL): Promise<Bridged & { log: string }> {
  const lines: unknown[] = [];
  const worker = createWorker<Bindings>(() => ({ log: (...line) => void lines.push(line) }));
  const context = createExecutionContext();
  const request = new Request(`${ORIGIN}/api/plugins/sender/probe`, {
    method: "POST",
    headers: { authorization: `Bearer ${env.BOOTSTRAP_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ op: "email.send", args: [mail] }),
  }) as Request<unknown, IncomingRequestCfProperties>;
  const response = await worker.fetch!(request, { ...env, ...changed } as Bindings, context);
  const { data } = (await response.json()) as { data: Bridged };
  await waitOnExecutionContext(context);
  return { ...data, log: JSON.stringify(lines) };
}
const NONE = { EMAIL_API_URL: undefined, EMAIL_API_KEY: undefined };

describe("a send_email binding", () => {
  it("takes the mail in parts, from the host's sender; it goes before the HTTP provider", async () => {
    await install(probe("sender", { capabilities: ["email:send"] }));
    const { MAILBOX } = env as Bindings;
    const seen: unknown[] = [];
    const EMAIL: EmailBinding = { send: (message) => (seen.push(message), MAILBOX.send(message)) };
    expect(await sendWith({ EMAIL })).toEqual({ value: null, log: "[]" });
    expect(seen).toEqual([
      {
        from: { name: "The Shop", email: "news@shop.dev" },
        to: ["ada@shop.dev"],
        subject: "Grüße",
        text: "Private text",
        html: "<p>Private <b>html</b></p>",
      },
    ]);
  });

  it("that the binding refuses is one typed error, and the log says nothing of a mail", async () => {
    await install(probe("sender", { capabilities: ["email:send"] }));
    const { MAILBOX } = env as Bindings;
    const { error, log } = await sendWith({ EMAIL: MAILBOX }, { ...MAIL, to: "eve@shop.dev" });
    expect(error).toEqual({
      name: "BridgeError",
      code: "FAILED",
      message: "The mail was not sent: the host's provider did not take it. Try again later.",
    });
    expect(log).toContain("refused by the binding");
    expect(log).not.toMatch(/eve|shop\.dev|Private|Grüße/);
  });
});

describe("a host without a provider", () => {
  it.each([
    [
      "anything",
      { ...NONE, EMAIL_FROM: undefined },
      /Add a send_email binding EMAIL to wrangler\.toml, or set EMAIL_API_URL/,
    ],
    ["a sender", { EMAIL_FROM: "" }, /Set EMAIL_FROM to the sender/],
    ["a sender that is one", { EMAIL_FROM: "The Shop" }, /EMAIL_FROM is no sender/],
    ["a key", { EMAIL_API_KEY: "" }, /Set the secret EMAIL_API_KEY/],
    [
      "an address that may be used",
      { EMAIL_API_URL: "http://mail.provider.dev/" },
      /EMAIL_API_URL cannot be used: Unsupported scheme/,
    ],
  ])("or without %s says what to set, with a code of its own", async (_, changed, words) => {
    await install(probe("sender", { capabilities: ["email:send"] }));
    const { error } = await sendWith(changed);
    expect(error).toMatchObject({ code: "NOT_CONFIGURED", message: expect.stringMatching(words) });
    expect(error!.message).toMatch(/^This host sends no mail\./);
    expect(JSON.stringify(error)).not.toContain(PROVIDERS.EMAIL_API_KEY);
  });
});

describe("a sender", () => {
  const sources = (from: string): MailerSources => ({
    binding: { send: async () => undefined },
    from,
    url: undefined,
    key: undefined,
  });
  it.each(["news@shop.dev", "Shop <news@shop.dev>", "  Müller & Söhne <news@shop.dev>  "])("may be %j", (from) => {
    expect(createMailer(sources(from))).toMatchObject({ ok: true });
  });
  it.each([
    "shop",
    "a@b.co, c@d.co",
    'A" <a@b.co>',
    "A <a@b.co> x",
    "A\r\nBcc: x <a@b.co>",
    "A <a@b.co\nBcc: c@d.co>",
    "<>",
    "A <B <a@b.co>>",
  ])("may not be %j", (from) => {
    expect(createMailer(sources(from))).toMatchObject({ ok: false, reason: expect.stringMatching(/EMAIL_FROM/) });
  });
});
