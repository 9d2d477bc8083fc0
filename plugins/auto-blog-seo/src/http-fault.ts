/** What does a provider's status mean for the person who runs the site? Which setting to check, or when it goes on. Pure. */
import { toExcerpt } from "./excerpt.ts";
import type { ChosenProvider } from "./providers.ts";
import type { Fault } from "./result.ts";

/** An answer that is not a success. */
export interface RefusedAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: string;
}

/** The fault for a status outside 200 to 299. */
export function toHttpFault(provider: ChosenProvider, { status, retryAfter, body }: RefusedAnswer): Fault {
  const { label, keySetting, model } = provider;
  const excerpt = toExcerpt(body);
  const said = excerpt === "" ? "" : ` It said: ${excerpt}`;
  const fault = (kind: Fault["kind"], message: string): Fault => ({ kind, message: `${message}${said}` });
  if (status === 401 || status === 403) {
    // These answers repeat parts of the key, so nothing of them is quoted.
    const message = `${label} refused the key (status ${status}). Check the setting "${keySetting}": a valid key that may use the model "${model}".`;
    return { kind: "refused", message };
  }
  if (status === 402) {
    return fault(
      "refused",
      `${label} wants payment (status 402). Check the balance of the account behind "${keySetting}".`,
    );
  }
  if (status === 404) {
    return fault(
      "settings",
      `${label} does not know the model "${model}" or the address (status 404). Check the settings "model"${provider.id === "custom" ? ' and "baseUrl"' : ""}.`,
    );
  }
  if (status === 429) {
    const seconds = toSeconds(retryAfter);
    const when = describeWait(retryAfter, seconds);
    return {
      ...fault(
        "rate-limited",
        `${label} refuses more requests for now (status 429)${when}. The next scheduled run tries again; if this goes on, check the account's limits.`,
      ),
      ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
    };
  }
  if (status >= 500) {
    return fault("provider-error", `${label} failed (status ${status}). The next scheduled run tries again.`);
  }
  return fault(
    "provider-error",
    `${label} answered status ${status}; expected 200. Check that the model "${model}" takes such requests.`,
  );
}

/** When it takes requests again, as far as it says. */
function describeWait(retryAfter: string | null, seconds: number | undefined): string {
  if (seconds !== undefined) return `, and asks to wait ${seconds} s`;
  const date = (retryAfter ?? "").trim();
  return /^[A-Za-z]{3}, [A-Za-z0-9: ]{10,30}$/.test(date) ? `, and asks to wait until ${date}` : "";
}

/** `Retry-After` in seconds. Its other form, a date, would need a clock that both sides agree on. */
function toSeconds(retryAfter: string | null): number | undefined {
  return retryAfter !== null && /^\d{1,6}$/.test(retryAfter.trim()) ? Number(retryAfter) : undefined;
}
