/** What plugins used of language models, by plugin and hour; and what calls under way have set aside. */
import type { AiAmount, AiBudget, AiUsed, AiWindows } from "../../ai/budget.ts";

/** Where an amount is counted. */
export interface AiUsagePlace {
  readonly plugin: string;
  /** `2026-11-28T09`. */
  readonly hour: string;
}

/** What a call used in the end. */
export interface AiUse {
  readonly input: number;
  readonly output: number;
  readonly microdollars: number;
}

/** Everything of the plugin in the window that began at a parameter; what was never settled counts as used. */
const sumOf = (column: "tokens" | "microdollars", since: string): string =>
  `(SELECT coalesce(sum(${column === "tokens" ? "tokens_in + tokens_out + reserved_tokens" : "microdollars + reserved_microdollars"}), 0)
    FROM _host_ai_usage WHERE plugin_id = ?1 AND hour >= ${since})`;

/**
 * Sets an amount aside where every window has room for it; else tells what is used.
 *
 * SECURITY: one statement checks and counts, so that calls side by side cannot both have the last of it. (tests/host/ai-budget.test.ts, "twenty calls at once")
 */
export async function reserveAi(
  db: D1Database,
  plugin: string,
  { hour, day, month }: AiWindows,
  asked: AiAmount,
  budget: AiBudget,
): Promise<{ readonly reserved: true } | { readonly reserved: false; readonly used: AiUsed }> {
  const [written, read] = await db.batch<unknown>([
    db
      .prepare(
        `INSERT INTO _host_ai_usage (plugin_id, hour, calls, tokens_in, tokens_out, microdollars, reserved_tokens, reserved_microdollars)
         SELECT ?1, ?2, 1, 0, 0, 0, ?5, ?6
         WHERE ${sumOf("tokens", "?2")} + ?5 <= ?7 AND ${sumOf("tokens", "?3")} + ?5 <= ?8
           AND ${sumOf("tokens", "?4")} + ?5 <= ?9 AND ${sumOf("microdollars", "?4")} + ?6 <= ?10
         ON CONFLICT (plugin_id, hour) DO UPDATE SET calls = calls + 1,
           reserved_tokens = reserved_tokens + excluded.reserved_tokens,
           reserved_microdollars = reserved_microdollars + excluded.reserved_microdollars
         RETURNING calls`,
      )
      .bind(
        plugin,
        hour,
        day,
        month,
        asked.tokens,
        asked.microdollars,
        budget.tokensPerHour,
        budget.tokensPerDay,
        budget.tokensPerMonth,
        budget.microdollarsPerMonth,
      ),
    db
      .prepare(
        `SELECT ${sumOf("tokens", "?2")} AS hourTokens, ${sumOf("tokens", "?3")} AS dayTokens,
           ${sumOf("tokens", "?4")} AS monthTokens, ${sumOf("microdollars", "?4")} AS monthMicrodollars`,
      )
      .bind(plugin, hour, day, month),
  ]);
  if (written!.results.length > 0) return { reserved: true };
  return { reserved: false, used: read!.results[0] as AiUsed };
}

/** Puts what was used in the place of what was set aside. */
export async function settleAi(
  db: D1Database,
  { plugin, hour }: AiUsagePlace,
  reserved: AiAmount,
  used: AiUse,
): Promise<void> {
  await db
    .prepare(
      `UPDATE _host_ai_usage SET tokens_in = tokens_in + ?3, tokens_out = tokens_out + ?4, microdollars = microdollars + ?5,
         reserved_tokens = reserved_tokens - ?6, reserved_microdollars = reserved_microdollars - ?7
       WHERE plugin_id = ?1 AND hour = ?2`,
    )
    .bind(plugin, hour, used.input, used.output, used.microdollars, reserved.tokens, reserved.microdollars)
    .run();
}

/** Forgets hours before one. */
export function pruneAi(db: D1Database, hour: string): D1PreparedStatement {
  return db.prepare("DELETE FROM _host_ai_usage WHERE hour < ?").bind(hour);
}
