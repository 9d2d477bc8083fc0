/**
 * Which hosts does a policy's pattern stand for? Names alone, whatever scheme and port: `*` is every host, `*.x` is x and
 * every name below it, anything else itself. Pure.
 */

/** The name in a host, an address or a granted pattern: lower case, without scheme, sign-in, port, path and final dot. */
export function toHostName(text: string): string {
  const afterScheme = text.toLowerCase().replace(/^[a-z][a-z0-9+.-]*:\/\//, "");
  const authority = /^[^/?#]*/.exec(afterScheme)![0];
  return authority.replace(/^.*@/, "").replace(/:\d*$/, "").replace(/\.$/, "");
}

/** Whether the pattern covers all of a host, which may be a pattern itself. */
export function coversHost(pattern: string, host: string): boolean {
  if (pattern === "*") return true;
  const name = toHostName(host);
  if (!pattern.startsWith("*.")) return name === pattern;
  const base = pattern.slice(2);
  // `*.y.x` ends with `.x` too: what a narrower pattern stands for is covered.
  return name === base || name.endsWith(`.${base}`);
}

/** Whether the pattern covers a part of what a granted pattern stands for, but not all of it. */
export function coversPart(pattern: string, granted: string): boolean {
  if (coversHost(pattern, granted)) return false;
  const name = toHostName(granted);
  return name.startsWith("*.") && coversHost(name, pattern.replace(/^\*\./, ""));
}
