/** What does an update do to this item: add it, or give it up? Kept items carry no mark. */
import { Badge } from "@cloudflare/kumo/components/badge";
import type { ReactElement } from "react";
import type { PlanCapability } from "../api/types.ts";
import { text } from "../text.ts";

export function ChangeBadge({ change }: { readonly change: PlanCapability["change"] }): ReactElement {
  switch (change) {
    case "added":
      return <Badge variant="warning">{text.consent.added}</Badge>;
    case "removed":
      return <Badge variant="outline">{text.consent.removed}</Badge>;
    case "kept":
      return <Badge variant="outline">{text.consent.kept}</Badge>;
  }
}
