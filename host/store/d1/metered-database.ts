/**
 * How many statements does a piece of code run, and how many rows do they read and write? A database that counts for whoever
 * is given it, so that no handler counts by itself and none forgets to. D1 tells with each result; what hides that (`first`, `exec`) runs by way of what
 * does not.
 */

/** Rows of one result, as D1 counts them: index rows are among those written. */
export interface Rows {
  readonly read: number;
  readonly written: number;
}

/**
 * Rows read that a statement counts for when it fails. D1 does not say how far it came, and one that is broken off after
 * thirty seconds has read more than this.
 */
export const FAILED_ROWS_READ = 1_000;

/** Who is told what is done. */
export interface DatabaseMeter {
  /** Before so many statements run; where it throws they do not. */
  readonly before: (statements: number) => void;
  readonly count: (rows: Rows) => void;
}

/** The database, counting. Statements of it may stand in its own batches, and those of others too. */
export function meterDatabase(db: D1Database, { before, count }: DatabaseMeter): D1Database {
  const inner = new WeakMap<D1PreparedStatement, D1PreparedStatement>();

  /** SECURITY: a query that breaks off is not for nothing. (tests/host/usage-meters.source.test.ts, "a statement that fails") */
  async function counted<Answer>(
    statements: number,
    work: () => Promise<Answer>,
    resultsOf: (answer: Answer) => readonly D1Result[],
  ): Promise<Answer> {
    before(statements);
    let answer: Answer;
    try {
      answer = await work();
    } catch (error) {
      count({ read: FAILED_ROWS_READ, written: 0 });
      throw error;
    }
    for (const { meta } of resultsOf(answer)) count({ read: meta.rows_read, written: meta.rows_written });
    return answer;
  }

  function wrap(statement: D1PreparedStatement): D1PreparedStatement {
    const all = <Row>(): Promise<D1Result<Row>> =>
      counted(
        1,
        () => statement.all<Row>(),
        (result) => [result],
      );
    const wrapped = {
      bind: (...values: unknown[]) => wrap(statement.bind(...values)),
      all,
      run: <Row>() =>
        counted(
          1,
          () => statement.run<Row>(),
          (result) => [result],
        ),
      async first(column?: string): Promise<unknown> {
        const [row] = (await all<Record<string, unknown>>()).results;
        if (row === undefined || column === undefined) return row ?? null;
        if (!(column in row)) throw new Error(`The result has no column "${column}".`);
        return row[column];
      },
      // D1 gives these lists without saying what they took, and `all` cannot stand in: it has each name once. What is
      // asked this way is names of columns; a query that reads rows uses `all`.
      async raw(options?: { columnNames: true }): Promise<unknown> {
        const rows = await counted<unknown[]>(
          1,
          () => (options ? statement.raw(options) : statement.raw()),
          () => [],
        );
        count({ read: Math.max(1, rows.length), written: 0 });
        return rows;
      },
    } as D1PreparedStatement;
    inner.set(wrapped, statement);
    return wrapped;
  }

  const unwrapped = (statements: D1PreparedStatement[]): D1PreparedStatement[] =>
    statements.map((statement) => inner.get(statement) ?? statement);

  function session(to: Pick<D1DatabaseSession, "prepare" | "batch">) {
    return {
      prepare: (sql: string) => wrap(to.prepare(sql)),
      batch: <Row>(statements: D1PreparedStatement[]) =>
        counted(
          statements.length,
          () => to.batch<Row>(unwrapped(statements)),
          (results) => results,
        ),
    };
  }

  const metered: Omit<D1Database, "dump"> = {
    ...session(db),
    async exec(sql) {
      // One statement a line, as D1 has it.
      const lines = sql.trim().split("\n");
      let duration = 0;
      for (const line of lines) duration += (await metered.prepare(line).run()).meta.duration;
      return { count: lines.length, duration };
    },
    withSession(constraint) {
      const started = db.withSession(constraint);
      return { ...session(started), getBookmark: () => started.getBookmark() };
    },
  };
  return metered as D1Database;
}
