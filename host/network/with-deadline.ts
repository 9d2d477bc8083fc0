/**
 * How long may an answer take? The work gets a signal that aborts after that many milliseconds, or with the given one. The
 * timer ends with the work: an isolate has only so many, and one for each request would be kept until it fires.
 */
export async function withDeadline<Value>(
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new Error(`no answer in ${ms} ms`)), ms);
  try {
    return await work(AbortSignal.any([signal, deadline.signal]));
  } finally {
    clearTimeout(timer);
  }
}
