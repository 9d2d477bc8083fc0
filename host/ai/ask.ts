/**
 * What did the model write? One request to a provider that the host was configured with. Keys, addresses and what the
 * provider says of an error stay here; the guest reads one of a few sentences.
 */
import { fail, ok, type Result } from "../result.ts";
import type { Fetch } from "../services.ts";
import { readBody } from "../network/read-body.ts";
import { anthropicMessages } from "./anthropic-messages.ts";
import { AI_LIMITS } from "./limits.ts";
import type { AiAnswer, AiModel, AiPrompt, HttpModel } from "./model.ts";
import { openaiChat } from "./openai-chat.ts";
import { isObject } from "./wire-format.ts";
import { runWorkersAi } from "./workers-ai.ts";

/** Why there is no answer. */
export interface AiFault {
  /** For the guest. */
  readonly message: string;
  /** What of the reservation was used: nothing where the provider refused, all where it may have worked. */
  readonly used: "nothing" | "all";
  /** For the host's log: a status, or a word. */
  readonly reason: string;
}

/** What asking needs. */
export interface AskOptions {
  readonly fetch: Fetch;
  /** Aborted when nobody waits any longer. */
  readonly signal: AbortSignal;
}

const WIRE_FORMATS = { openai: openaiChat, anthropic: anthropicMessages } as const;

/** Statuses that say somebody in between gave up while the provider may still have been writing. */
const CUT_OFF: ReadonlySet<number> = new Set([408, 499, 504, 522, 524]);

/** Asks once. */
export async function askModel(
  model: AiModel,
  prompt: AiPrompt,
  options: AskOptions,
): Promise<Result<AiAnswer, AiFault>> {
  if (model.kind !== "workers-ai") return askOverHttp(model, prompt, options);
  try {
    const answer = await Promise.race([runWorkersAi(model, prompt), toAborted(options.signal)]);
    return answer.ok ? answer : fail(toUnusable(model.name, answer.reason));
  } catch {
    return fail(toUnreachable(model.name, options.signal));
  }
}

async function askOverHttp(
  model: HttpModel,
  prompt: AiPrompt,
  { fetch, signal }: AskOptions,
): Promise<Result<AiAnswer, AiFault>> {
  const wire = WIRE_FORMATS[model.kind];
  const { headers, body } = wire.toRequest(model, prompt);
  let hasAnswered = false;
  let bytes: Uint8Array | null;
  try {
    const request = new Request(model.endpoint, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      // SECURITY: the key goes to the configured address and follows no redirect. (tests/host/ai-hostile.test.ts, "a redirect")
      redirect: "manual",
      signal,
    });
    const response = await fetch(request);
    if (!response.ok) {
      await response.body?.cancel();
      return fail(toRefused(model.name, response.status));
    }
    hasAnswered = true;
    bytes = await readBody(response.body, AI_LIMITS.answerBytes);
  } catch {
    return fail(
      hasAnswered && !signal.aborted
        ? toUnusable(model.name, "it broke off before its end")
        : toUnreachable(model.name, signal),
    );
  }
  if (bytes === null) return fail(toUnusable(model.name, `it has more than ${AI_LIMITS.answerBytes} bytes`));
  const json = parseJson(bytes);
  const answer = isObject(json) ? wire.readAnswer(json) : fail("it is not a JSON object");
  if (!answer.ok) return fail(toUnusable(model.name, answer.reason));
  // SECURITY: a server that echoes the key does not hand it over. (tests/host/ai-hostile.test.ts, "an echo of the key")
  return ok({ ...answer.value, text: answer.value.text.replaceAll(model.key, "[redacted]") });
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function toRefused(name: string, status: number): AiFault {
  const why =
    status === 401 || status === 403
      ? "its provider refused the host's key. The administrator has to set it anew"
      : status === 429
        ? "its provider takes no more requests at present. Try again later"
        : status >= 500 || status === 408
          ? "its provider failed. Try again later"
          : "its provider did not accept the request. Make the prompt shorter, or ask another model";
  return {
    message: `The model "${name}" did not answer: ${why}.`,
    used: CUT_OFF.has(status) ? "all" : "nothing",
    reason: String(status),
  };
}

/** SECURITY: a plugin that walks away from a call has been charged for it. (tests/host/ai-budget.test.ts, "an answer nobody waited for") */
function toUnreachable(name: string, { aborted }: AbortSignal): AiFault {
  return {
    message: aborted
      ? `The model "${name}" took too long and was given up. Ask for fewer tokens, or for more time in the manifest's budgets.`
      : `The model "${name}" did not answer: its provider was not reached. Try again later.`,
    used: aborted ? "all" : "nothing",
    reason: aborted ? "timeout" : "unreachable",
  };
}

function toUnusable(name: string, why: string): AiFault {
  return { message: `The model "${name}" gave an answer that cannot be used: ${why}.`, used: "all", reason: why };
}

function toAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
