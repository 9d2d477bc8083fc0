/** What did the inspection of the bundle find? The gravest first. */
import { Banner } from "@cloudflare/kumo/components/banner";
import type { ReactElement } from "react";
import type { Finding } from "../api/types.ts";
import { plainText } from "../display/plain-text.ts";
import { text } from "../text.ts";

const LEVELS = ["danger", "warning", "info"] as const satisfies readonly Finding["level"][];
const VARIANTS = { danger: "error", warning: "alert", info: "secondary" } as const;

export function FindingList({ findings }: { readonly findings: readonly Finding[] }): ReactElement {
  if (findings.length === 0) return <p className="hint">{text.consent.noFindings}</p>;
  return (
    <ul className="findings" aria-label={text.consent.findings}>
      {LEVELS.flatMap((level) => findings.filter((finding) => finding.level === level)).map((finding) => (
        <li key={`${finding.code}-${finding.message}`}>
          <Banner
            variant={VARIANTS[finding.level]}
            title={text.consent.level[finding.level]}
            description={plainText(finding.message, 600)}
          />
        </li>
      ))}
    </ul>
  );
}
