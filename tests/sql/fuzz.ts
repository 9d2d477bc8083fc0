/** Does SQLite ever touch more than the guard allowed? Statements are made, judged, and those that pass shown to SQLite. */
import { checkStatement } from "../../host/sql/check-statement.ts";
import { createRandom, createStatements } from "./mutate.ts";
import { createOracle } from "./oracle.ts";
import { POLICY } from "./policy.ts";

/** What came of a run. */
export interface FuzzReport {
  readonly seed: number;
  readonly statements: number;
  /** Let through by the guard. */
  readonly passed: number;
  /** Of these, prepared by SQLite. The others name a column that is not there, or the like. */
  readonly prepared: number;
  readonly disagreements: readonly { readonly sql: string; readonly text: string; readonly about: readonly string[] }[];
}

/** Tries that many statements; `onProgress` is told how many are done, now and then. */
export async function fuzz(
  { seed, statements }: { readonly seed: number; readonly statements: number },
  onProgress: (done: number) => void = () => undefined,
): Promise<FuzzReport> {
  const oracle = await createOracle();
  const next = createStatements(createRandom(seed));
  const disagreements: FuzzReport["disagreements"][number][] = [];
  let passed = 0;
  let prepared = 0;
  for (let done = 1; done <= statements; done++) {
    const sql = next();
    const checked = checkStatement(sql, POLICY, done % 2 === 0 ? { rowLimit: 100 } : {});
    if (checked.ok) {
      passed++;
      const opinion = oracle.ask(checked.value);
      if (opinion.kind !== "refused") prepared++;
      if (opinion.kind === "disagreed") disagreements.push({ sql, text: checked.value.text, about: opinion.about });
    }
    if (done % 100_000 === 0) onProgress(done);
  }
  oracle.close();
  return { seed, statements, passed, prepared, disagreements };
}
