/** Says something for a moment, in a corner and in a live region. */
import { useKumoToastManager } from "@cloudflare/kumo/components/toast";
import { useCallback } from "react";
import { asProblem } from "../api/problem.ts";
import { plainText } from "../display/plain-text.ts";

/** What kind of message it is. */
export type NoticeKind = "success" | "error" | "info";

/** Ways to notify. */
export interface Notify {
  (kind: NoticeKind, title: string, detail?: string): void;
}

export function useNotify(): Notify {
  const { add } = useKumoToastManager();
  return useCallback<Notify>(
    (kind, title, detail) => {
      add({
        title: plainText(title, 120),
        ...(detail === undefined ? {} : { description: plainText(detail, 400) }),
        variant: kind,
        // Errors stay long enough to be read, and are announced at once.
        timeout: kind === "error" ? 12_000 : 6_000,
        priority: kind === "error" ? "high" : "low",
      });
    },
    [add],
  );
}

/** For `onError` of a mutation whose form shows no error of its own. */
export function useNotifyProblem(): (error: unknown) => void {
  const notify = useNotify();
  return useCallback(
    (error) => {
      const problem = asProblem(error);
      notify("error", problem.title, problem.message);
    },
    [notify],
  );
}
