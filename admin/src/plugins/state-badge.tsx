/** Where a plugin stands, in one word and a colour. */
import { Badge } from "@cloudflare/kumo/components/badge";
import type { ReactElement } from "react";
import type { PluginState } from "../api/types.ts";
import { text } from "../text.ts";

const VARIANTS = {
  uploaded: "warning",
  activating: "info",
  enabled: "success",
  disabled: "outline",
  parked: "error",
  rejected: "outline",
  uninstalled: "outline",
} as const satisfies Record<PluginState, string>;

export function StateBadge({ state }: { readonly state: PluginState }): ReactElement {
  return <Badge variant={VARIANTS[state]}>{text.state[state]}</Badge>;
}
