/** Taxonomies, their terms, and which items carry them, in every locale or in one. */
import type { TaxonomyInfo, TaxonomyTerm } from "@bulkhead/sdk";
import type { CollectionDefinition } from "../../content/collection.ts";
import { toTable } from "./content/row.ts";
import { readSizedPage, TOO_LARGE, type SizedRow } from "./sized-page.ts";

/** Which terms. */
export interface TermQuery {
  /** Undefined: of every taxonomy, where that can be. */
  readonly taxonomy: string | undefined;
  readonly locale: string | undefined;
  readonly maxBytes: number;
}

/** Taxonomies that are answered: a site has a handful. */
const MAX_TAXONOMIES = 500;

/** The taxonomies, by name. */
export async function listTaxonomies(db: D1Database, locale: string | undefined): Promise<readonly TaxonomyInfo[]> {
  const { results } = await db
    .prepare(
      `SELECT name, label, label_singular, hierarchical, collections, locale FROM _emdash_taxonomy_defs
       WHERE ?1 IS NULL OR locale = ?1 ORDER BY name, locale LIMIT ?2`,
    )
    .bind(locale ?? null, MAX_TAXONOMIES)
    .all<{
      name: string;
      label: string;
      label_singular: string | null;
      hierarchical: number | null;
      collections: string | null;
      locale: string;
    }>();
  return results.map((row) => {
    const collections = parse(row.collections);
    return {
      name: row.name,
      label: row.label,
      labelSingular: row.label_singular,
      hierarchical: row.hierarchical === 1,
      collections: Array.isArray(collections) ? collections.filter((name) => typeof name === "string") : [],
      locale: row.locale,
    };
  });
}

/** The terms of a taxonomy, by label. */
export function listTerms(
  db: D1Database,
  query: TermQuery & { readonly taxonomy: string },
): Promise<readonly TaxonomyTerm[] | typeof TOO_LARGE> {
  const page = `SELECT ${TERM} FROM taxonomies AS term WHERE term.name = ?1 AND (?2 = '' OR term.locale = ?2)`;
  return readTerms(db, page, [query.taxonomy, query.locale ?? ""], query);
}

/** The terms of an item, by locale and label. */
export function listEntryTerms(
  db: D1Database,
  collection: CollectionDefinition,
  id: string,
  query: TermQuery,
): Promise<readonly TaxonomyTerm[] | typeof TOO_LARGE> {
  // EmDash's links hold translation groups since its migration 068, ids before.
  const page = `SELECT DISTINCT ${TERM} FROM ${toTable(collection)} AS item
    JOIN content_taxonomies AS link ON link.collection = ?3 AND link.entry_id IN (item.id, item.translation_group)
    JOIN taxonomies AS term ON link.taxonomy_id IN (term.id, term.translation_group)
    WHERE item.id = ?4 AND item.deleted_at IS NULL AND (?1 = '' OR term.name = ?1) AND (?2 = '' OR term.locale = ?2)`;
  return readTerms(db, page, [query.taxonomy ?? "", query.locale ?? "", collection.slug, id], query);
}

/** Columns of a term but its data, and its bytes: of all its texts and of what JSON adds to them. */
const TERM = `term.rowid AS place, term.id, term.name, term.slug, term.label, term.parent_id, term.locale, term.translation_group,
  octet_length(term.slug) + octet_length(term.label) + coalesce(octet_length(term.data), 0) + 250 AS bytes`;

interface TermRow extends SizedRow {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly label: string;
  readonly parent_id: string | null;
  readonly locale: string;
  readonly translation_group: string | null;
}

async function readTerms(
  db: D1Database,
  page: string,
  values: readonly string[],
  { maxBytes }: TermQuery,
): Promise<readonly TaxonomyTerm[] | typeof TOO_LARGE> {
  const orderBy = "page.locale, page.label, page.id";
  const rows = await readSizedPage<TermRow>(db, {
    table: "taxonomies",
    column: "data",
    page,
    values,
    orderBy,
    maxBytes,
  });
  return rows === TOO_LARGE ? TOO_LARGE : rows.map(toTerm);
}

function toTerm(row: TermRow): TaxonomyTerm {
  const data = parse(row.data);
  return {
    id: row.id,
    taxonomy: row.name,
    slug: row.slug,
    label: row.label,
    parentId: row.parent_id,
    data: typeof data === "object" && data !== null && !Array.isArray(data) ? (data as Record<string, unknown>) : null,
    locale: row.locale,
    translationGroup: row.translation_group,
  };
}

/** What another writer left there may be no JSON. */
function parse(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
