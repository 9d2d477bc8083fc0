/** How does a field of a document stand in SQL? Its name passed a pattern; it is the only text of a plugin that gets there. */

/** What a field may be called. SECURITY: the only text of the guest's that enters SQL. (tests/host/storage.test.ts, "refuses what is not indexed") */
export const FIELD_NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,63}$/;

/** The field of a JSON text: a column or a parameter. */
export function extract(field: string, json: string): string {
  if (!FIELD_NAME.test(field)) throw new Error(`not a field name: ${field}`);
  return `json_extract(${json}, '$.${field}')`;
}
