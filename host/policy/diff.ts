/** What is different between two policies? Lines for people and the audit: `+ hosts.deny: "*.evil.dev"`. Pure. */
import { toCanonicalJson } from "../canonical-json.ts";
import type { Policy } from "./document.ts";

/** The lines that went and came, in the order of the document's keys. */
export function diffPolicies(before: Policy, after: Policy): readonly string[] {
  const [old, now] = [toLines("", before), toLines("", after)];
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ];
}

function toLines(path: string, value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) {
    // An empty `allow` allows nothing, an absent one everything.
    return [`${path}: a list`, ...value.map((entry) => `${path}: ${toCanonicalJson(entry)}`)];
  }
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, member]) => toLines(path === "" ? key : `${path}.${key}`, member));
  }
  return [`${path}: ${JSON.stringify(value)}`];
}
