/**
 * How much may a plugin use of the host's language models? Tokens an hour, a day and a month, and money a month, by the
 * UTC calendar. Pure but for the seam through which policies are to come.
 */

/** What one plugin may use. */
export interface AiBudget {
  readonly tokensPerHour: number;
  readonly tokensPerDay: number;
  readonly tokensPerMonth: number;
  /** Millionths of a dollar. */
  readonly microdollarsPerMonth: number;
}

/** What a plugin may use where nobody decided otherwise: a long article an hour fits some twenty times. */
export const AI_BUDGET: AiBudget = {
  tokensPerHour: 200_000,
  tokensPerDay: 1_000_000,
  tokensPerMonth: 10_000_000,
  microdollarsPerMonth: 10_000_000,
};

/** The budget of a plugin. The one place that knows it, so that an administrator's policy can be read here. */
export async function readAiBudget(_plugin: string): Promise<AiBudget> {
  return AI_BUDGET;
}

/** The windows a moment lies in, by the hour each began. */
export interface AiWindows {
  readonly hour: string;
  readonly day: string;
  readonly month: string;
}

/** An amount of both kinds. */
export interface AiAmount {
  readonly tokens: number;
  readonly microdollars: number;
}

/** What is used or set aside already. */
export interface AiUsed {
  readonly hourTokens: number;
  readonly dayTokens: number;
  readonly monthTokens: number;
  readonly monthMicrodollars: number;
}

/** The windows of a moment; hours are written `2026-11-28T09`. */
export function windowsOf(now: Date): AiWindows {
  const hour = now.toISOString().slice(0, 13);
  return { hour, day: `${hour.slice(0, 10)}T00`, month: `${hour.slice(0, 7)}-01T00` };
}

/** Why an amount does not fit: the budget that renews last of those that are used up, and when. For the guest. */
export function describeShortage(budget: AiBudget, used: AiUsed, asked: AiAmount, now: Date): string {
  const [y, m, d, h] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), now.getUTCHours()];
  const dollars = (micros: number): string => `$${(micros / 1e6).toFixed(4)}`;
  const tokens = (count: number): string => `${count} tokens`;
  const rows = [
    {
      limit: budget.microdollarsPerMonth,
      used: used.monthMicrodollars,
      asked: asked.microdollars,
      write: dollars,
      per: "a month",
      renews: Date.UTC(y, m + 1),
    },
    {
      limit: budget.tokensPerMonth,
      used: used.monthTokens,
      asked: asked.tokens,
      write: tokens,
      per: "a month",
      renews: Date.UTC(y, m + 1),
    },
    {
      limit: budget.tokensPerDay,
      used: used.dayTokens,
      asked: asked.tokens,
      write: tokens,
      per: "a day",
      renews: Date.UTC(y, m, d + 1),
    },
    {
      limit: budget.tokensPerHour,
      used: used.hourTokens,
      asked: asked.tokens,
      write: tokens,
      per: "an hour",
      renews: Date.UTC(y, m, d, h + 1),
    },
  ];
  const short = rows.find((row) => row.used + row.asked > row.limit) ?? rows.at(-1)!;
  const left = short.write(Math.max(0, short.limit - short.used));
  const start = `Cannot call ctx.ai.generate: of its budget of ${short.write(short.limit)} ${short.per} the plugin has ${left} left, and this call may take ${short.write(short.asked)}.`;
  return short.asked > short.limit
    ? `${start} It never fits. Make the prompt shorter, or maxTokens smaller.`
    : `${start} The budget renews at ${new Date(short.renews).toISOString()}. Wait, ask for fewer with maxTokens, or have the administrator raise it.`;
}
