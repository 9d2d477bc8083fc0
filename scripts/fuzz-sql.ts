/**
 * `npm run fuzz:sql`: does SQLite ever touch more than the guard for plugin SQL allowed? Five million statements by default;
 * `npm run fuzz:sql -- <statements> <seed>` for others. Fails at a disagreement, and when too few statements were of use.
 */
import { fuzz } from "../tests/sql/fuzz.ts";

const [statements = 5_000_000, seed = Date.now() % 1_000_000_000] = process.argv.slice(2).map(Number);
if (!Number.isSafeInteger(statements) || statements < 1 || !Number.isSafeInteger(seed) || seed < 0) {
  console.error(
    "Cannot fuzz: expected how many statements and a seed, both whole numbers: npm run fuzz:sql -- 100000 1",
  );
  process.exit(1);
}
// SQLite refuses many of them, and nobody reads where.
Error.stackTraceLimit = 0;

const started = performance.now();
console.log(`Seed ${seed}, ${statements} statements`);
const report = await fuzz({ seed, statements }, (done) => {
  const seconds = (performance.now() - started) / 1000;
  console.error(`${done} done, ${Math.round(done / seconds)} a second`);
});
const { passed, prepared, disagreements } = report;
console.log(
  `Run: ${statements}. Let through: ${passed}. Prepared by SQLite: ${prepared}. Disagreements: ${disagreements.length}.`,
);
for (const { sql, text, about } of disagreements.slice(0, 20))
  console.log(JSON.stringify({ sql, text, about }, null, 2));
if (disagreements.length > 0) process.exit(1);
if (prepared < statements / 50) {
  console.error("Too few statements came as far as SQLite to say anything.");
  process.exit(1);
}
