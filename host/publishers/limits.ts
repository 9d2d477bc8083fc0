/** How many keys are kept, and how long is what people say of them? The keys are read whenever an isolate loads the registry. */
export const PUBLISHER_LIMITS = {
  /** Keys, those that were revoked or replaced included. */
  keys: 500,
  /** Characters of a note. */
  noteChars: 2_000,
} as const;
