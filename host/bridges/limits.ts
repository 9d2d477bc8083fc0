/** How large the arguments and results of bridge calls may be. */
export const BRIDGE_LIMITS = {
  /** Characters of a kv key or a document id. */
  keyChars: 512,
  /** Characters of one value as JSON. */
  valueChars: 256 * 1024,
  /** Bytes of all values that one read answers. What the guest gets is JSON and a little longer. */
  resultBytes: 3_500_000,
  /** Keys `kv.list` answers at most, and of a page where none is asked for. */
  listedKeys: 1_000,
  pageKeys: 100,
  /** Seconds a key may live: at most a year. */
  ttlSeconds: 366 * 86_400,
  /** Documents one `storage.getMany`, `putMany` or `deleteMany` takes. */
  documentsPerCall: 100,
  /** Documents a query answers at most; more come with the cursor. EmDash's cap. */
  queryRows: 100,
  /** Comparisons in one `where`, and values in one `in`. */
  comparisons: 20,
  inValues: 50,
  /** Values in all comparisons of a query together; a prefix counts twice. D1 binds at most 100 in one statement. */
  queryValues: 90,
  /** Users and media files of a page: most, and where none is asked for. EmDash's. */
  pageItems: { most: 100, default: 50 },
  /** Revisions `content.listRevisions` answers: most, and where none is asked for. EmDash's. */
  revisions: { most: 100, default: 50 },
  /** Bytes of an uploaded file: what fits a message as base64 and a guest's memory several times. */
  uploadBytes: 2 * 1024 * 1024,
  /** Characters of an uploaded file's name. */
  filenameChars: 255,
  /** Scheduled tasks a plugin may have. */
  schedules: 32,
  /** Bytes of a request's and of an answer's body. */
  bodyBytes: 8 * 1024 * 1024,
  /** Bytes of a body in one message: beside the largest body, a guest's memory holds them three times over as text. */
  partBytes: 256 * 1024,
  /** Characters of JSON up to which an answer's text is sent whole: a message has at most 4,000,000, headers included. */
  textChars: 3_700_000,
  /** Bytes of a JSON body into which secrets are filled. */
  secretBodyBytes: 256 * 1024,
  /** Headers of a request that hold a secret. */
  secretHeaders: 8,
  /** Headers of a request. */
  headers: 64,
  /** Redirects that are followed. */
  redirects: 5,
  /** Milliseconds a request may take: default and most. */
  requestMs: { default: 30_000, most: 60_000 },
} as const;
