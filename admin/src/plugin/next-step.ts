/** What should a person do about this plugin now? One answer, the most pressing first. Pure. */
import type { PluginDetail } from "../api/types.ts";

/** The most pressing thing. */
export type NextStep =
  | { readonly kind: "review" }
  | { readonly kind: "wait" }
  | { readonly kind: "repair"; readonly reason: string | null }
  | { readonly kind: "review-update"; readonly version: string }
  | { readonly kind: "set-up"; readonly labels: readonly string[] }
  | { readonly kind: "enable" }
  | { readonly kind: "look-at-failures"; readonly count: number }
  | { readonly kind: "none" };

export function nextStep(plugin: PluginDetail): NextStep {
  switch (plugin.state) {
    case "uploaded":
      return { kind: "review" };
    case "activating":
      return { kind: "wait" };
    case "parked":
      return { kind: "repair", reason: plugin.reason };
    case "rejected":
    case "uninstalled":
      return { kind: "none" };
    case "enabled":
    case "disabled":
      if (plugin.staged) return { kind: "review-update", version: plugin.staged.version };
      if (plugin.needsSetup.length > 0) return { kind: "set-up", labels: plugin.needsSetup.map(({ label }) => label) };
      if (plugin.state === "disabled") return { kind: "enable" };
      if (plugin.recentFailures > 0) return { kind: "look-at-failures", count: plugin.recentFailures };
      return { kind: "none" };
  }
}
