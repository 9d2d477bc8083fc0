/**
 * Do the fields of a write fit the collection? All faults are found before anything is written, each with its field and
 * the fix. Pure. What comes back holds the collection's fields and nothing else.
 */
import type { ProblemIssue } from "../errors.ts";
import { isReserved, type CollectionDefinition } from "./collection.ts";
import { findFieldFault } from "./field-value.ts";
import { CONTENT_LIMITS, utf8Bytes } from "./limits.ts";

/** The fields of an item by name. */
export type ContentData = Readonly<Record<string, unknown>>;

/** The fields, or every fault. */
export type FieldsResult =
  { readonly ok: true; readonly data: ContentData } | { readonly ok: false; readonly issues: readonly ProblemIssue[] };

/**
 * @param options.kind `new`: required fields must be there. `change`: what is not there stays as it is.
 */
export function checkFields(
  collection: CollectionDefinition,
  data: ContentData,
  options: { readonly kind: "new" | "change" },
): FieldsResult {
  const issues: ProblemIssue[] = [];
  const refuse = (name: string, code: string, message: string): void => {
    issues.push({ path: `data.${name}`, code, message });
  };
  const known = new Set(collection.fields.map((field) => field.name));
  for (const name of Object.keys(data)) {
    if (known.has(name)) continue;
    // SECURITY: no caller sets status, author_id or another system column (tests/site/content.test.ts, "system columns").
    if (isReserved(name)) refuse(name, "reserved", `"${name}" is no field: ${fixForReserved(name)}`);
    else refuse(name, "unknown", `"${name}" is no field of ${collection.slug}. It has ${[...known].join(", ")}`);
  }

  const checked: Record<string, unknown> = {};
  for (const field of collection.fields) {
    const value = Object.hasOwn(data, field.name) ? data[field.name] : undefined;
    if (value === undefined || value === null) {
      const missing = value === null || options.kind === "new";
      if (field.required && missing) refuse(field.name, "required", `"${field.name}" is required`);
      else if (value === null) checked[field.name] = null;
      continue;
    }
    const fault = findFieldFault(field, value);
    if (fault === undefined) checked[field.name] = value;
    else refuse(field.name, "invalid", `"${field.name}" ${fault}`);
  }
  if (issues.length > 0) return { ok: false, issues };
  return { ok: true, data: checked };
}

/** The fault of an item whose fields are too large together, or undefined. */
export function findSizeFault(data: ContentData): ProblemIssue | undefined {
  const bytes = utf8Bytes(JSON.stringify(data));
  if (bytes <= CONTENT_LIMITS.itemBytes) return undefined;
  const message = `The fields are ${bytes} bytes as JSON; at most ${CONTENT_LIMITS.itemBytes} are allowed. Split the item`;
  return { path: "data", code: "too_large", message };
}

function fixForReserved(name: string): string {
  if (name === "slug" || name === "seo" || name === "locale") return `give ${name} beside the data, not in it`;
  if (name === "status" || name === "published_at") return "use publish and unpublish";
  return "it is set by the host; leave it out";
}
