/** `ctx.email`: mail in the site's name, from the host's address, in numbers the host counts. */
import { z } from "zod";
import { toEmailAddress } from "../email/address.ts";
import { EMAIL_LIMITS } from "../email/limits.ts";
import { toCleanText } from "../site/text.ts";
import { countRecipients } from "../store/d1/email-usage.ts";
import { sanitizeHtml } from "../text/sanitize-html.ts";
import { BridgeError, defineMethod, type BridgeCall } from "./define-bridge.ts";

// No message here says what was given: plugins' errors are logged, and addresses are nobody's business there.
const addressArgument = z.string().transform((text, context) => {
  const address = toEmailAddress(text);
  if (address !== undefined) return address;
  context.addIssue({ code: "custom", message: "Expected one plain address such as ada@shop.example, without a name" });
  return z.NEVER;
});

/** SECURITY: no line break, and nothing that turns the direction of what follows. (tests/host/email.test.ts, "a subject") */
const SUBJECT = /^(?!\s*$)[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+$/u;

const mailSchema = z.strictObject({
  to: z
    .union([addressArgument, z.array(addressArgument).min(1).max(EMAIL_LIMITS.recipientsPerCall)])
    .transform((to) => [...new Set(typeof to === "string" ? [to] : to)]),
  subject: z
    .string()
    .max(EMAIL_LIMITS.subjectChars)
    .regex(SUBJECT, "Expected one line of text, without control characters or marks of direction"),
  text: z.string().min(1).max(EMAIL_LIMITS.textChars).transform(toCleanText),
  html: z.string().max(EMAIL_LIMITS.htmlChars).optional(),
});

async function assertWithinDay({ services, plugin }: BridgeCall, recipients: number): Promise<void> {
  const { recipientsPerDay: own, recipientsPerDayOfAll: all } = EMAIL_LIMITS;
  const day = services.now().toISOString().slice(0, 10);
  const counted = await countRecipients(services.db, { plugin: plugin.id, day }, recipients, { own, all });
  if (counted.counted) return;
  const isOwn = counted.day.own + recipients > own;
  const who = isOwn ? `a plugin's mails may have ${own}` : `all plugins' mails together may have ${all}`;
  const left = Math.max(0, isOwn ? own - counted.day.own : all - counted.day.all);
  const renews = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString();
  throw new BridgeError(
    "BUDGET_EXCEEDED",
    `Cannot call ctx.email.send: ${who} recipients a day, and ${left} are left. The budget renews at ${renews}.`,
  );
}

/** The bridge methods of `ctx.email`. */
export const emailMethods = [
  defineMethod({
    name: "email.send",
    capability: "email:send",
    summary: "Sends a mail from the site's address. HTML in it is sanitised.",
    args: z.tuple([mailSchema]),
    kind: "request",
    outside: ({ to }) => `to ${to.length === 1 ? "one recipient" : `${to.length} recipients`}`,
    async handler(call, { to, subject, text, html }) {
      const { services, plugin, signal } = call;
      const { email } = services;
      if (!email.ok) {
        throw new BridgeError("NOT_CONFIGURED", `This host sends no mail. ${email.reason}`);
      }
      await assertWithinDay(call, to.length);
      const mail = { to, subject, text, ...(html === undefined ? {} : { html: sanitizeHtml(html) }) };
      const sent = await email.value(mail, { fetch: services.fetch, signal });
      if (sent.ok) return;
      // SECURITY: neither whom it was for nor what it said. (tests/host/email.source.test.ts, "says nothing of a mail")
      services.log("warn", "mail not sent", { plugin: plugin.id, reason: sent.reason });
      throw new BridgeError("FAILED", "The mail was not sent: the host's provider did not take it. Try again later.");
    },
  }),
];
