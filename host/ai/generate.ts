/**
 * How does a plugin's question reach a model within its budget? The most it may cost is set aside before it is sent, what
 * it did cost takes that place afterwards. What is never settled (a crash, a call nobody waited for) stays counted until
 * its hour, day and month are over.
 */
import { utf8Bytes } from "../content/limits.ts";
import { fail, ok, type Result } from "../result.ts";
import type { Services } from "../services.ts";
import { reserveAi, settleAi } from "../store/d1/ai-usage.ts";
import { askModel } from "./ask.ts";
import { describeShortage, readAiBudget, windowsOf, type AiAmount } from "./budget.ts";
import { AI_LIMITS } from "./limits.ts";
import { priceOf, type AiAnswer, type AiModel, type AiPrompt, type Tokens } from "./model.ts";
import { withDeadline } from "../network/with-deadline.ts";

/** What the plugin gets. */
export interface Generated {
  readonly text: string;
  /** The name by which the model is asked for. */
  readonly model: string;
  readonly finish: AiAnswer["finish"];
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
}

/** Why it gets nothing, in words for the guest. */
export interface NotGenerated {
  readonly code: "BUDGET_EXCEEDED" | "FAILED";
  readonly message: string;
}

/** What a question needs. */
export interface GenerateParts {
  readonly services: Pick<Services, "db" | "fetch" | "now" | "log">;
  readonly plugin: string;
  /** Aborted when the plugin's entry ends. */
  readonly signal: AbortSignal;
}

/** Asks a model for a plugin. */
export async function generate(
  { services, plugin, signal }: GenerateParts,
  model: AiModel,
  prompt: AiPrompt,
): Promise<Result<Generated, NotGenerated>> {
  const { db, now } = services;
  const most: Tokens = { input: mostInputTokens(prompt), output: prompt.maxTokens };
  const asked: AiAmount = { tokens: most.input + most.output, microdollars: priceOf(model, most) };
  const budget = await readAiBudget(plugin);
  const windows = windowsOf(now());
  const reservation = await reserveAi(db, plugin, windows, asked, budget);
  if (!reservation.reserved) {
    return fail({ code: "BUDGET_EXCEEDED", message: describeShortage(budget, reservation.used, asked, now()) });
  }
  const settle = async (used: Tokens): Promise<void> => {
    try {
      const use = { ...used, microdollars: priceOf(model, used) };
      await settleAi(db, { plugin, hour: windows.hour }, asked, use);
    } catch (error) {
      services.log("error", "use of a model not settled", { plugin, model: model.name, error: String(error) });
    }
  };
  const answer = await withDeadline(AI_LIMITS.timeoutMs, signal, (within) =>
    askModel(model, prompt, { fetch: services.fetch, signal: within }),
  );
  if (!answer.ok) {
    const { message, used, reason } = answer.reason;
    services.log("warn", "no answer of a model", { plugin, model: model.name, reason });
    if (used === "nothing") await settle({ input: 0, output: 0 });
    return fail({ code: "FAILED", message });
  }
  const { text, finish, tokens = most } = answer.value;
  await settle(tokens);
  return ok({
    text,
    model: model.name,
    finish,
    usage: { inputTokens: tokens.input, outputTokens: tokens.output },
  });
}

/** SECURITY: never too few: a token is at least a byte of the text. (tests/host/ai-budget.test.ts, "sets aside") */
function mostInputTokens({ messages }: AiPrompt): number {
  const markup = AI_LIMITS.messageTokens * (messages.length + 1);
  return messages.reduce((sum, { content }) => sum + utf8Bytes(content), markup);
}
