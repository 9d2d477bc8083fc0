/** What did the administrator choose? The settings as the rest of the plugin reads them; secrets are not among them. */
import type { PluginContext, SettingValue } from "@bulkhead/sdk";

/** The settings of a run. */
export interface Settings {
  readonly provider: string;
  /** Empty where the provider's default is meant. */
  readonly model: string;
  readonly baseUrl: string;
  readonly topics: readonly string[];
  readonly siteFocus: string;
  readonly language: string;
  readonly audience: string;
  readonly tone: string;
  readonly words: number;
  readonly publish: boolean;
}

/** Most topics that are read, and most characters of one. */
export const TOPIC_LIMITS = { count: 200, chars: 200 } as const;

/** Reads the settings from what `ctx.settings.all()` answers. */
export function toSettings(
  values: Readonly<Record<string, SettingValue>>,
  site: Pick<PluginContext["site"], "locale">,
): Settings {
  const text = (key: string): string => String(values[key] ?? "").trim();
  const words = Number(values["words"]);
  return {
    provider: text("provider") || "openai",
    model: text("model"),
    baseUrl: text("baseUrl"),
    topics: toTopics(text("topics")),
    siteFocus: text("siteFocus"),
    language: text("language") || site.locale,
    audience: text("audience"),
    tone: text("tone"),
    words: words > 0 ? words : 700,
    // SECURITY: anything but the exact word stays a draft. Test: plugins "follows the setting publish".
    publish: text("publish") === "publish",
  };
}

/** One topic per line; numbering and bullets that people paste along are dropped, and so are repetitions. */
function toTopics(text: string): readonly string[] {
  const lines = text.split("\n").map((line) =>
    line
      .replace(/^\s*(?:[-*•]|\d+[.)])\s+/, "")
      .trim()
      .slice(0, TOPIC_LIMITS.chars),
  );
  return [...new Set(lines)].filter((line) => line !== "").slice(0, TOPIC_LIMITS.count);
}
