/**
 * What is a collection, and which columns does its table have? Definitions come from EmDash's registry tables; a name
 * that could not be a column, or that is a system column's, never becomes part of one.
 */

/** What a field holds. A type that this host does not know is kept as JSON. */
export type FieldType =
  | "string"
  | "text"
  | "slug"
  | "url"
  | "number"
  | "integer"
  | "boolean"
  | "datetime"
  | "select"
  | "multiSelect"
  | "portableText"
  | "image"
  | "file"
  | "reference"
  | "repeater"
  | "json";

/** A field's own rules, from the registry's `validation` column. */
export interface FieldRules {
  readonly min?: number;
  readonly max?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly options?: readonly string[];
}

/** One field of a collection, and one column of its table. */
export interface FieldDefinition {
  readonly name: string;
  readonly type: FieldType;
  readonly required: boolean;
  readonly rules: FieldRules;
}

/** One collection. Its table is `ec_<slug>`. */
export interface CollectionDefinition {
  readonly slug: string;
  readonly fields: readonly FieldDefinition[];
}

/** One field as the registry has it. */
export interface FieldRow {
  readonly slug: string;
  readonly type: string;
  readonly required: number | null;
  readonly validation: string | null;
}

/** EmDash's columns that every content table has. No field may be named so, and no caller writes them as data. */
export const SYSTEM_COLUMNS = [
  "id",
  "slug",
  "status",
  "author_id",
  "primary_byline_id",
  "created_at",
  "updated_at",
  "published_at",
  "scheduled_at",
  "deleted_at",
  "version",
  "live_revision_id",
  "draft_revision_id",
  "locale",
  "translation_group",
] as const;

/** Names that EmDash fills in when it reads, or that stand beside the data of a write. */
const RESERVED: ReadonlySet<string> = new Set([...SYSTEM_COLUMNS, "seo", "terms", "bylines", "byline"]);

const NAME = /^[a-z][a-z0-9_]{0,62}$/;
const TYPES: ReadonlySet<string> = new Set<FieldType>([
  "string",
  "text",
  "slug",
  "url",
  "number",
  "integer",
  "boolean",
  "datetime",
  "select",
  "multiSelect",
  "portableText",
  "image",
  "file",
  "reference",
  "repeater",
  "json",
]);

/** Whether a text can be a collection's or a field's name, and so part of SQL within double quotes. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/** Whether a name belongs to the system and so can be no field. */
export function isReserved(name: string): boolean {
  return RESERVED.has(name);
}

/**
 * A collection from its registry rows.
 *
 * @throws Error where the registry holds a name that must not become SQL: that is a damaged or tampered database.
 */
export function toCollection(slug: string, rows: readonly FieldRow[]): CollectionDefinition {
  // SECURITY: the only door through which names reach SQL (tests/site/content.test.ts, "a tampered registry").
  if (!isName(slug)) throw new Error(`Cannot use the collection "${slug}": its name must match ${NAME.source}.`);
  const fields = rows.map((row) => {
    if (!isName(row.slug) || isReserved(row.slug)) {
      throw new Error(`Cannot use the collection "${slug}": its field "${row.slug}" has a reserved or malformed name.`);
    }
    const type = TYPES.has(row.type) ? (row.type as FieldType) : "json";
    return { name: row.slug, type, required: row.required === 1, rules: toRules(row.validation) };
  });
  return { slug, fields };
}

function toRules(text: string | null): FieldRules {
  if (text === null || text === "") return {};
  const raw: unknown = JSON.parse(text);
  if (typeof raw !== "object" || raw === null) return {};
  const value = (key: string): unknown => (Object.hasOwn(raw, key) ? (raw as Record<string, unknown>)[key] : undefined);
  const number = (key: "min" | "max" | "minLength" | "maxLength"): Partial<Record<typeof key, number>> => {
    const found = value(key);
    return typeof found === "number" ? { [key]: found } : {};
  };
  const options = value("options");
  return {
    ...number("min"),
    ...number("max"),
    ...number("minLength"),
    ...number("maxLength"),
    ...(Array.isArray(options) ? { options: options.map(String) } : {}),
  };
}
