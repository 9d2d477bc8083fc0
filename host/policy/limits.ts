/** How large may a policy be, and what is answered about one? One table; a refusal names the entry that was exceeded. */
export const POLICY_LIMITS = {
  /** Entries of one list: `hosts.deny`, `capabilities.allow`, ... */
  entries: 200,
  /** Characters of a name in a list. */
  nameChars: 256,
  /** Plugins approved in advance. */
  preapproved: 64,
  /** Characters of the whole document as JSON. It is read whenever an isolate loads the registry. */
  documentChars: 65_536,
  /** Characters of the note kept with a version or a switch. */
  noteChars: 2_000,
  /** Versions that the list shows, newest first. */
  listedVersions: 50,
  /** Refusals of a dry run that are listed; the rest is counted. */
  listedRefusals: 500,
  /** Lines of a difference between two versions that the audit keeps; the rest is counted. */
  diffLines: 50,
} as const;

/** How the kill switch waits. */
export const SWITCH_LIMITS = {
  /** Milliseconds the database and KV each have to take a switch before the answer says that they did not. */
  answerMs: 5_000,
  /** Milliseconds for which an isolate does not ask KV for flags again. */
  flagsMs: 30_000,
  /** Milliseconds a request waits for flags, once in that time; then it goes on with what its isolate knew. */
  flagReadMs: 2_000,
  /** Seconds for which the edge may answer a flag from its own cache: the least KV takes. */
  edgeSeconds: 30,
} as const;
