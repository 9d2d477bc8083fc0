/** How much mail may a plugin send? One table; what is refused names the entry it exceeded. */

/** Limits of `ctx.email.send`. Characters are UTF-16 code units; days are UTC. */
export const EMAIL_LIMITS = {
  /** Addresses of one mail. */
  recipientsPerCall: 10,
  /** Addresses of one plugin's mails in a day, whether or not they arrive. */
  recipientsPerDay: 200,
  /** Addresses of all plugins' mails in a day: one name is at stake for all of them. */
  recipientsPerDayOfAll: 1_000,
  /** Characters of an address; SMTP takes no more. */
  addressChars: 254,
  /** Characters of a subject. */
  subjectChars: 200,
  /** Characters of the text, and of the HTML. */
  textChars: 100_000,
  htmlChars: 100_000,
  /** Milliseconds until a provider is given up. */
  timeoutMs: 20_000,
} as const;
