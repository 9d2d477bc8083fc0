/** How much may one question to a language model be, and its answer? One table; what is refused names the entry it exceeded. */

/** Limits of `ctx.ai.generate`. Characters are UTF-16 code units. */
export const AI_LIMITS = {
  /** Messages of one question. */
  messages: 50,
  /** Characters of all messages together: some 25,000 tokens. */
  promptChars: 100_000,
  /** Tokens an answer may have: where the plugin says nothing, and at most. */
  maxTokens: { default: 1_024, most: 16_384 },
  /** Bytes of a provider's answer, with all that it says beside the text. */
  answerBytes: 1_000_000,
  /** Characters of the answer's text. */
  answerChars: 200_000,
  /** Milliseconds until a provider is given up. */
  timeoutMs: 60_000,
  /** Providers of one host. */
  providers: 16,
  /** Most tokens that are believed to be used by one call; a larger count of a provider's is read as this. */
  believedTokens: 2_000_000,
  /** Tokens that are set aside for the markup of a message, beside its text. */
  messageTokens: 16,
} as const;
