/** Which orders of text may plugin SQL name? Those every SQLite has. */
import type { AstNode } from "sqlite3-parser";
import { foldName } from "./names.ts";
import { fault, type Fault } from "./refusal.ts";

const COLLATIONS: ReadonlySet<string> = new Set(["binary", "nocase", "rtrim"]);

/** Why a collation may not be named. */
export function refuseCollation(name: string, at: Pick<AstNode, "span">): Fault | undefined {
  if (COLLATIONS.has(foldName(name))) return undefined;
  return fault("feature", at.span, `there is no collation "${name}"`, "Use BINARY, NOCASE or RTRIM.");
}
