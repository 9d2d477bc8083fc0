/** Does a granted host cover this one? `*.x` covers every name below x and, as in EmDash, x itself. */

/** A host name as it is compared: lower case, without the trailing dot of an absolute name. */
export function normalizeHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}

/** Whether the pattern of a grant covers the host. */
export function matchesHost(pattern: string, host: string): boolean {
  const wanted = normalizeHost(host);
  const granted = normalizeHost(pattern);
  if (granted.startsWith("*.")) {
    const base = granted.slice(2);
    return wanted === base || wanted.endsWith(`.${base}`);
  }
  return wanted === granted;
}
