/** `ctx.db`: D1's shape over one host call, which takes a batch of statements and answers a result for each. */
import type { GuestSandbox } from "../../sandbox/types.ts";
import { append, ErrorClass, isArray, keys } from "./built-ins.ts";

interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly meta: object;
}

interface Statement {
  readonly sql: string;
  readonly params: readonly unknown[];
}

/** The object behind `ctx.db`. */
export function createDb({ call, base64 }: GuestSandbox): Record<string, unknown> {
  /** Bytes have no place in JSON; the host tells them by this shape, which no other value may have. */
  function toParam(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    const encoded = base64.encode(value);
    if (encoded === undefined) throw new ErrorClass("Cannot bind an object. Expected null, a text, a number or bytes.");
    return { base64: encoded };
  }

  async function run(statements: readonly Statement[]): Promise<readonly Answer[]> {
    return (await call("db.batch", [statements])) as readonly Answer[];
  }

  function prepare(sql: unknown, params: readonly unknown[] = []): Record<string, unknown> {
    const statement: Statement = { sql: sql as string, params };
    const one = async (): Promise<Answer> => (await run([statement]))[0] as Answer;
    return {
      sql,
      params,
      bind(...values: unknown[]) {
        const bound: unknown[] = [];
        for (let index = 0; index < values.length; index += 1) append(bound, toParam(values[index]));
        return prepare(sql, bound);
      },
      all: async () => toResult(await one()),
      run: async () => toResult(await one()),
      async first(column?: unknown) {
        const [row] = toResult(await one()).results;
        if (row === undefined) return null;
        return column === undefined ? row : row[column as string];
      },
      async raw(options?: { readonly columnNames?: unknown }) {
        const { columns, rows } = await one();
        if (options?.columnNames !== true) return rows;
        const all: unknown[] = [columns];
        for (let index = 0; index < rows.length; index += 1) append(all, rows[index]);
        return all;
      },
    };
  }

  return {
    prepare: (sql: unknown) => prepare(sql),
    async batch(statements: unknown) {
      if (!isArray(statements)) throw new ErrorClass("Cannot run a batch: expected an array of prepared statements.");
      const plain: Statement[] = [];
      for (let index = 0; index < statements.length; index += 1) {
        const { sql, params } = statements[index] as Statement;
        append(plain, { sql, params });
      }
      const answers = await run(plain);
      const results: unknown[] = [];
      for (let index = 0; index < answers.length; index += 1) append(results, toResult(answers[index] as Answer));
      return results;
    },
  };
}

/** Rows as D1 gives them: objects by column. Of two columns with one name the last counts. */
function toResult({ columns, rows, meta }: Answer) {
  const results: Record<string, unknown>[] = [];
  for (let index = 0; index < rows.length; index += 1) {
    const row: Record<string, unknown> = { __proto__: null } as never;
    const values = rows[index] as readonly unknown[];
    const names = keys(columns);
    for (let column = 0; column < names.length; column += 1) row[columns[column] as string] = values[column];
    append(results, row);
  }
  return { success: true, results, meta };
}
