/**
 * What did the model write? One request to the chosen provider; the model's text comes back, or a fault that says what to
 * do. Every answer is a stranger's: nothing about it is taken for granted.
 */
import type { PluginContext } from "@bulkhead/sdk";
import { maskKeys, toExcerpt } from "./excerpt.ts";
import { toHttpFault } from "./http-fault.ts";
import type { ChosenProvider } from "./providers.ts";
import { fail, ok, type Result } from "./result.ts";
import { isObject, type Answer, type Prompt } from "./wire-format.ts";

/** How long a model may write, and how much. Below the minute a schedule has by default, so that slowness has its own message. */
export const ASK_LIMITS = { timeoutMs: 55_000, answerChars: 500_000 } as const;

/** Asks once. Trying again is the schedule's part; this function is the place for a retry within a run. */
export async function askProvider(
  ctx: Pick<PluginContext, "http">,
  { provider, prompt }: { readonly provider: ChosenProvider; readonly prompt: Prompt },
): Promise<Result<Answer>> {
  const { label, endpoint, model, wire, keySetting } = provider;
  const request = wire.toRequest({ model, prompt, keySetting });
  let status: number;
  let retryAfter: string | null;
  let body: string;
  try {
    const response = await ctx.http.fetch(endpoint, { method: "POST", timeoutMs: ASK_LIMITS.timeoutMs, ...request });
    status = response.status;
    retryAfter = response.headers.get("retry-after");
    body = await response.text();
  } catch (error) {
    // The host's own words name the grant or the secret that is missing, so they are kept.
    const why = maskKeys(error instanceof Error ? error.message : String(error))
      .slice(0, 400)
      .replace(/\.$/, "");
    const message = `Cannot get an answer from ${label} at ${toHost(endpoint)}: ${why}. Check that the host is granted, that "${keySetting}" is set, and that the address answers.`;
    return fail("unreachable", message);
  }
  if (status < 200 || status > 299) return { ok: false, fault: toHttpFault(provider, { status, retryAfter, body }) };
  const answer = readAnswer(body, provider);
  if (answer.ok) return answer;
  return fail(
    answer.fault.kind,
    `${label} (model "${model}") gave an answer that cannot be used: ${answer.fault.message}.`,
  );
}

function readAnswer(body: string, { wire }: ChosenProvider): Result<Answer> {
  if (body.length > ASK_LIMITS.answerChars) {
    return fail("bad-answer", `it has ${body.length} characters; at most ${ASK_LIMITS.answerChars} are read`);
  }
  if (body.trim() === "") return fail("bad-answer", "it is empty; expected JSON");
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    const what = /^\s*</.test(body) ? "it is a web page, not JSON. Check the address" : "it is not JSON";
    return fail("bad-answer", `${what}. It begins ${toExcerpt(body)}`);
  }
  if (!isObject(json)) return fail("bad-answer", "it is JSON, but not an object");
  // OpenRouter and others report an error of the model behind them with status 200.
  const { error } = json;
  if (isObject(error)) return fail("provider-error", `it reports an error: ${toExcerpt(String(error["message"]))}`);
  const text = wire.readText(json);
  return text.ok ? ok({ text: text.value, tokens: wire.readTokens(json) }) : text;
}

function toHost(endpoint: string): string {
  return /^https?:\/\/([^/?#]+)/i.exec(endpoint)?.[1] ?? "an address that is not one";
}
