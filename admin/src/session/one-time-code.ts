/** Does the address carry the code of a sign-in link? Taking it cleans the address, so that it is in no history or bookmark. */

const FRAGMENT = /^#code=([^&]+)$/;

/** The code of `/admin/sign-in#code=...`, once; null where there is none. */
export function takeOneTimeCode(): string | null {
  const match = FRAGMENT.exec(window.location.hash);
  if (!match?.[1]) return null;
  window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
  return decodeURIComponent(match[1]);
}
