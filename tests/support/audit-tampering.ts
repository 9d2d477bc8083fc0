/**
 * What may somebody do to the audit who writes to the database or the bucket, and where must it be noticed? One table for
 * the host's own verification and for the script that stands alone. Rows are hashed here by a third hand.
 */
import { createHmac, hkdfSync } from "node:crypto";
import { SECRETS, type TargetEnv } from "./target.ts";

/** The rows of the chain before it is tampered with; each was anchored. */
export const LENGTH = 8;

/** One thing somebody does. */
export interface Tampering {
  readonly name: string;
  readonly run: (env: TargetEnv) => Promise<unknown>;
  /** The row at which the host notices. */
  readonly brokenAt: number;
  /** The row that the script names, where it is another: it counts lines and knows no row before the first. */
  readonly line?: number;
  /** Noticed by an anchor alone: rows and hashes fit together. */
  readonly by?: "anchor";
}

/** A row of `_host_audit`. */
export interface StoredRow {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly act: string;
  readonly target: string;
  readonly detail: string;
  readonly hash: string;
}

const anchorKey = (seq: number): string => `audit/heads/${String(seq).padStart(12, "0")}.json`;

/** Runs SQL that the triggers would refuse; they are there again afterwards. */
export async function runUnguarded(DB: D1Database, ...statements: readonly string[]): Promise<void> {
  const { results } = await DB.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all<{
    name: string;
    sql: string;
  }>();
  const own = results.filter(({ name }) => name.startsWith("_host_audit"));
  await DB.batch(
    [...own.map(({ name }) => `DROP TRIGGER ${name}`), ...statements, ...own.map(({ sql }) => sql)].map((sql) =>
      DB.prepare(sql),
    ),
  );
}

/** The hash a row has after another. */
export function hashOf(before: string, row: Omit<StoredRow, "hash">, secret: string = SECRETS.SECRETS_KEY): string {
  const key = Buffer.from(hkdfSync("sha256", secret, "", "bulkhead/audit", 32));
  const text = JSON.stringify([before, row.seq, row.at, row.actor, row.act, row.target, row.detail]);
  return createHmac("sha256", key).update(text).digest("hex");
}

/** Puts a chain of acts and an anchor for each into an empty host, as the host would have; acting takes its time. */
export async function plantChain({ DB, BUNDLES }: Pick<TargetEnv, "DB" | "BUNDLES">): Promise<void> {
  const at = new Date().toISOString();
  const rows: StoredRow[] = [];
  for (let seq = 1; seq <= LENGTH; seq++) {
    const row = {
      seq,
      at,
      actor: "token:admin",
      act: "plugin.consent",
      target: `plugin-${seq}`,
      detail: `{"n":${seq}}`,
    };
    rows.push({ ...row, hash: hashOf(rows.at(-1)?.hash ?? "", row) });
  }
  await Promise.all([
    DB.batch(
      rows.map(({ seq, actor, act, target, detail, hash }) =>
        DB.prepare("INSERT INTO _host_audit VALUES (?, ?, ?, ?, ?, ?, ?)").bind(
          seq,
          at,
          actor,
          act,
          target,
          detail,
          hash,
        ),
      ),
    ),
    ...rows.map(({ seq, hash }) =>
      BUNDLES.put(anchorKey(seq), `${JSON.stringify({ seq, hash, at })}\n`, { customMetadata: { hash } }),
    ),
  ]);
}

/** Writes the chain anew from a row on, changed and with hashes that fit. */
export async function rewrite(
  { DB }: Pick<TargetEnv, "DB">,
  from: number,
  change: (row: StoredRow) => StoredRow,
  secret?: string,
): Promise<void> {
  const { results } = await DB.prepare("SELECT * FROM _host_audit ORDER BY seq").all<StoredRow>();
  let before = results[from - 2]?.hash ?? "";
  const statements = results.slice(from - 1).map((row) => {
    const changed = change(row);
    before = hashOf(before, changed, secret);
    const [actor, at] = [changed.actor, changed.at].map((text) => text.replaceAll("'", "''"));
    return `UPDATE _host_audit SET actor = '${actor}', at = '${at}', hash = '${before}' WHERE seq = ${row.seq}`;
  });
  await runUnguarded(DB, ...statements);
}

const sql =
  (...statements: readonly string[]) =>
  ({ DB }: TargetEnv) =>
    runUnguarded(DB, ...statements);
const byMallory = (row: StoredRow): StoredRow => ({ ...row, actor: "user:mallory" });
const FORGED = "'2026-08-15T00:00:00.000Z', 'user:mallory', 'plugin.consent', 'evil', '{}'";
const ZEROS = "'0000000000000000000000000000000000000000000000000000000000000000'";

/** Everything that must be noticed. */
export const TAMPERINGS: readonly Tampering[] = [
  ...["at", "actor", "act", "target", "detail", "hash"].map((column) => ({
    name: `changing ${column} of a row`,
    run: sql(`UPDATE _host_audit SET ${column} = ${column} || '0' WHERE seq = 4`),
    brokenAt: 4,
  })),
  { name: "changing the number of a row", run: sql("UPDATE _host_audit SET seq = 40 WHERE seq = 4"), brokenAt: 4 },
  {
    name: "making a text bytes of the same look",
    run: sql("UPDATE _host_audit SET detail = CAST(detail AS BLOB) WHERE seq = 4"),
    brokenAt: 4,
  },
  { name: "deleting a row in the middle", run: sql("DELETE FROM _host_audit WHERE seq = 4"), brokenAt: 4 },
  { name: "deleting the first row", run: sql("DELETE FROM _host_audit WHERE seq = 1"), brokenAt: 1 },
  {
    name: "deleting a row and closing the gap",
    run: sql(
      "DELETE FROM _host_audit WHERE seq = 4",
      "UPDATE _host_audit SET seq = -seq WHERE seq > 4",
      "UPDATE _host_audit SET seq = -seq - 1 WHERE seq < 0",
    ),
    brokenAt: 4,
  },
  {
    name: "inserting a row in the middle",
    run: sql(
      "UPDATE _host_audit SET seq = -seq - 1 WHERE seq > 3",
      "UPDATE _host_audit SET seq = -seq WHERE seq < 0",
      `INSERT INTO _host_audit VALUES (4, ${FORGED}, ${ZEROS})`,
    ),
    brokenAt: 4,
  },
  {
    name: "inserting a row at the end",
    run: sql(`INSERT INTO _host_audit VALUES (${LENGTH + 1}, ${FORGED}, ${ZEROS})`),
    brokenAt: LENGTH + 1,
  },
  ...[0, -7].map((seq) => ({
    name: `inserting a row below the first, at ${seq}`,
    run: sql(`INSERT INTO _host_audit VALUES (${seq}, ${FORGED}, ${ZEROS})`),
    brokenAt: seq,
    line: 1,
  })),
  {
    name: "inserting a row with a number beyond those of JavaScript",
    run: sql(`INSERT INTO _host_audit VALUES (9007199254740993, ${FORGED}, ${ZEROS})`),
    brokenAt: LENGTH + 1,
  },
  {
    name: "replacing a row",
    run: sql(`INSERT OR REPLACE INTO _host_audit VALUES (4, ${FORGED}, ${ZEROS})`),
    brokenAt: 4,
  },
  {
    name: "replacing a row and keeping its hash",
    run: sql(`INSERT OR REPLACE INTO _host_audit SELECT 4, ${FORGED}, hash FROM _host_audit WHERE seq = 4`),
    brokenAt: 4,
  },
  {
    name: "swapping two rows",
    run: sql(
      "UPDATE _host_audit SET seq = -5 WHERE seq = 4",
      "UPDATE _host_audit SET seq = 4 WHERE seq = 5",
      "UPDATE _host_audit SET seq = 5 WHERE seq = -5",
    ),
    brokenAt: 4,
  },
  { name: "cutting the end", run: sql("DELETE FROM _host_audit WHERE seq >= 7"), brokenAt: 7, by: "anchor" },
  { name: "deleting everything", run: sql("DELETE FROM _host_audit"), brokenAt: 1, by: "anchor" },
  {
    name: "cutting the end and growing a new one with the host's key",
    run: (env) => rewrite(env, 7, byMallory),
    brokenAt: 7,
    by: "anchor",
  },
  {
    name: "computing every hash anew from a row on, with the host's key",
    run: (env) => rewrite(env, 4, byMallory),
    brokenAt: 4,
    by: "anchor",
  },
  {
    name: "computing every hash anew from the first row on, with the host's key",
    run: (env) => rewrite(env, 1, byMallory),
    brokenAt: 1,
    by: "anchor",
  },
  {
    name: "computing every hash anew with the host's key, where only the newest anchor is left",
    async run(env) {
      await rewrite(env, 4, byMallory);
      await env.BUNDLES.delete(Array.from({ length: LENGTH - 1 }, (_, i) => anchorKey(i + 1)));
    },
    brokenAt: LENGTH,
    by: "anchor",
  },
  {
    name: "computing every hash anew from a row on, with another key",
    run: (env) => rewrite(env, 4, byMallory, "another key of the same length"),
    brokenAt: 4,
  },
  {
    name: "putting another anchor in the place of one",
    async run({ BUNDLES }) {
      const hash = "ab".repeat(32);
      const body = `${JSON.stringify({ seq: 5, hash, at: "2026-08-15T00:00:00.000Z" })}\n`;
      await BUNDLES.put(anchorKey(5), body, { customMetadata: { hash } });
    },
    brokenAt: 5,
    by: "anchor",
  },
  {
    name: "making an anchor unreadable",
    run: ({ BUNDLES }) => BUNDLES.put(anchorKey(5), "nothing"),
    brokenAt: 5,
    by: "anchor",
  },
];
