/**
 * Which log lines of an entry reach the host? The first ones within two budgets, handed over after the VM was left;
 * the rest are counted and told in one line, so a flood costs the host nothing.
 */
import { defaultLimits } from "../limits.ts";
import type { HostCalls, JsonText, Limits } from "../types.ts";

type Level = "debug" | "info" | "warn" | "error";

export interface LogDesk {
  /** Takes `[level, message, data]` as JSON text, or undefined for a line that was too large. */
  add(json: JsonText | undefined): void;
  /** Hands over what was kept since the last time. */
  deliver(): void;
  /** Delivers, then tells how many lines were dropped. */
  close(): void;
}

export function createLogDesk(host: HostCalls, limits: Limits): LogDesk {
  const maxLines = limits.logLines ?? defaultLimits.logLines;
  const maxChars = limits.logChars ?? defaultLimits.logChars;
  let lines = 0;
  let chars = 0;
  let dropped = 0;
  let kept: JsonText[] = [];

  function deliver(): void {
    const now = kept;
    kept = [];
    for (const json of now) {
      const line = parseLine(json);
      host.log(line.level, line.message, line.data);
    }
  }

  return {
    add(json) {
      if (json === undefined || lines >= maxLines || chars + json.length > maxChars) {
        dropped += 1;
        return;
      }
      lines += 1;
      chars += json.length;
      kept.push(json);
    },
    deliver,
    close() {
      deliver();
      if (dropped === 0) return;
      host.log(
        "warn",
        `${dropped} log lines were dropped: at most ${maxLines} lines and ${maxChars} characters are kept.`,
        undefined,
      );
      dropped = 0;
    },
  };
}

function parseLine(json: JsonText): {
  readonly level: Level;
  readonly message: string;
  readonly data: JsonText | undefined;
} {
  try {
    const line: unknown = JSON.parse(json);
    if (!Array.isArray(line)) return { level: "info", message: json, data: undefined };
    const [level, message, data] = line as readonly unknown[];
    return {
      level: level === "debug" || level === "warn" || level === "error" ? level : "info",
      message: typeof message === "string" ? message : "",
      data: typeof data === "string" ? data : undefined,
    };
  } catch {
    return { level: "info", message: json, data: undefined };
  }
}
