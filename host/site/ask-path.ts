/**
 * Does a plugin answer this address instead of the site? Asks the one that holds it, and checks what it says. One that
 * fails, or says what cannot stand, leaves the address to the site.
 */
import type { PathRequestEvent } from "@bulkhead/sdk";
import type { Hooks } from "../hooks/hooks.ts";
import type { Services } from "../services.ts";
import { SITE_LIMITS } from "./limits.ts";
import { parsePathAnswer, type CheckedAnswer } from "./path-answer.ts";

/** What became of it; `nobody`: no plugin holds the address. */
export type PathOutcome =
  | { readonly kind: "nobody" }
  /** `retryAfter` in seconds. */
  | { readonly kind: "failed"; readonly retryAfter: number }
  | CheckedAnswer;

/** Asks, as far as the request is one for a page. `base` is the site's own address. */
export async function askPath(
  path: string,
  options: {
    readonly request: Request;
    readonly base: string;
    readonly hooks: Hooks;
    readonly services: Pick<Services, "log">;
  },
): Promise<PathOutcome> {
  const { request, base, hooks, services } = options;
  const { search, searchParams } = new URL(request.url);
  const url = `${base}${path}${search}`;
  if (url.length > SITE_LIMITS.requestUrlChars) return { kind: "nobody" };
  const method = request.method === "HEAD" ? "HEAD" : "GET";
  const event = { path, url, query: toQuery(searchParams), method } satisfies PathRequestEvent;
  const asked = await hooks.ask("page:request", event, path);
  if (!asked) return { kind: "nobody" };
  if (!asked.ok) return { kind: "failed", retryAfter: asked.retryAfter ?? SITE_LIMITS.failedRetrySeconds };
  const answer = parsePathAnswer(asked.value);
  if (answer.ok) return answer.value;
  services.log("warn", "Left out the answer to page:request", { path, plugin: asked.plugin, reason: answer.reason });
  return { kind: "failed", retryAfter: SITE_LIMITS.failedRetrySeconds };
}

function toQuery(params: URLSearchParams): PathRequestEvent["query"] {
  const names = [...new Set(params.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = params.getAll(name);
      return [name, values.length > 1 ? values : values[0]!];
    }),
  );
}
