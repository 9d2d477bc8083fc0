/** Carries a consent to its end: sends it, waits while the plugin activates, and measures the time. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { consent, pluginQuery, pluginsQuery, type Decision } from "../api/plugins.ts";
import type { Plugin } from "../api/types.ts";

/** How far it is. `plugin` is null until the host has recorded the consent. */
export type Activation =
  | { readonly status: "working"; readonly plugin: Plugin | null; readonly elapsedMs: number }
  | { readonly status: "live" | "stopped"; readonly plugin: Plugin; readonly elapsedMs: number };

/** How often a plugin that is activating is looked at. */
const POLL_MS = 300;

export function useActivation(id: string) {
  const client = useQueryClient();
  const [startedAt, setStartedAt] = useState<number | null>(null);
  const [finishedAt, setFinishedAt] = useState<number | null>(null);
  const send = useMutation({
    mutationFn: (decision: Decision) => consent(id, decision),
    onMutate: () => {
      setFinishedAt(null);
      setStartedAt(performance.now());
    },
    onError: () => setStartedAt(null),
  });
  const answered = send.data;
  const activating = answered?.state === "activating" && finishedAt === null;
  const polled = useQuery({ ...pluginQuery(id), enabled: activating, refetchInterval: POLL_MS });
  const plugin = answered?.state === "activating" ? (polled.data ?? answered) : answered;

  const done = plugin !== undefined && plugin.state !== "activating" && plugin.state !== "uploaded";
  useEffect(() => {
    if (!done) return;
    setFinishedAt((before) => before ?? performance.now());
    // Its panels appear in the sidebar at this moment.
    void client.invalidateQueries({ queryKey: pluginsQuery.queryKey });
  }, [done, client]);
  const now = useTick(startedAt !== null && finishedAt === null ? "running" : "idle");

  const elapsedMs = startedAt === null ? 0 : Math.max(0, (finishedAt ?? now) - startedAt);
  return { start: send.mutate, error: send.error, activation: toActivation(plugin, startedAt, elapsedMs) } as const;
}

function toActivation(plugin: Plugin | undefined, startedAt: number | null, elapsedMs: number): Activation | null {
  if (startedAt === null) return null;
  if (plugin === undefined || plugin.state === "activating" || plugin.state === "uploaded") {
    return { status: "working", plugin: plugin ?? null, elapsedMs };
  }
  return { status: plugin.state === "enabled" ? "live" : "stopped", plugin, elapsedMs };
}

/** The moment, renewed ten times a second while it runs. */
function useTick(state: "running" | "idle"): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (state === "idle") return;
    const timer = setInterval(() => setNow(performance.now()), 100);
    return () => clearInterval(timer);
  }, [state]);
  return now;
}
