/**
 * Is an exported audit what the host wrote? AUDIT_KEY=<hex> node scripts/verify-audit.ts <audit.ndjson> [<anchors.ndjson>]
 * Needs Node 24 and nothing else of this repository, so that it can be read whole and run by anybody.
 * Exit code 0: whole. 1: broken, with the first row that is. 2: not verified.
 */
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

/** A line of the export. Nothing of it is trusted: each may be any JSON. */
type Row = Readonly<Record<"seq" | "at" | "actor" | "act" | "target" | "detail" | "hash", unknown>>;
type Anchor = Readonly<Record<"seq" | "hash" | "at", unknown>>;

function stop(code: 1 | 2, ...words: readonly string[]): never {
  console.error([code === 1 ? "BROKEN" : "NOT VERIFIED", ...words].join("\n"));
  process.exit(code);
}

function readLines(file: string): readonly string[] {
  try {
    // At line feeds alone; what else ends a line somewhere may stand in a text.
    return readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch (error) {
    return stop(2, `Cannot read ${file}: ${String(error)}`);
  }
}

function parse<Line extends object>(line: string, where: string): Line {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value as Line;
  } catch {
    // Said below.
  }
  return stop(1, `${where} is no JSON object: it was changed or cut off.`);
}

const [auditFile, anchorsFile] = process.argv.slice(2);
const keyText = process.env["AUDIT_KEY"] ?? "";
if (auditFile === undefined) stop(2, "Usage: AUDIT_KEY=<hex> node scripts/verify-audit.ts <audit> [<anchors>]");
if (!/^[0-9a-f]{64}(,[0-9a-f]{64})*$/.test(keyText)) stop(2, "AUDIT_KEY is not 64 digits of hex. See docs/audit.md.");
// The oldest first; after a row under one key none under an older one is right.
const keys = keyText.split(",").map((hex) => Buffer.from(hex, "hex"));

const hashes: string[] = [];
for (const [i, line] of readLines(auditFile).entries()) {
  const seq = i + 1;
  const { at, actor, act, target, detail, ...row } = parse<Row>(line, `Row ${seq}`);
  if (row.seq !== seq) stop(1, `Row ${seq} is missing, or row ${JSON.stringify(row.seq)} stands in its place.`);
  const text = JSON.stringify([hashes.at(-1) ?? "", seq, at, actor, act, target, detail]);
  const fits = (key: Buffer): boolean => createHmac("sha256", key).update(text).digest("hex") === row.hash;
  while (keys[0] && !fits(keys[0])) keys.shift();
  if (keys.length === 0) stop(1, `Row ${seq} does not follow: changed, replaced, inserted, moved, or another key.`);
  // A member twice in a line, or one too many, is read differently by different readers.
  if (line !== JSON.stringify({ seq, at, actor, act, target, detail, hash: row.hash })) {
    stop(1, `Row ${seq} is not written as the host writes it.`);
  }
  hashes.push(String(row.hash));
}
console.log(`The chain is whole: ${hashes.length} rows, head ${hashes.at(-1) ?? "none"}`);

if (anchorsFile === undefined) {
  console.log("NOT COMPARED with an anchor: a cut end, or a chain written anew with the key, was not looked for.");
  process.exit(0);
}
const anchors = readLines(anchorsFile).map((line, i) => parse<Anchor>(line, `Anchor in line ${i + 1}`));
if (anchors.length === 0) stop(1, `${anchorsFile} holds no anchor: there is nothing to compare the chain with.`);
for (const { seq, hash, at } of anchors) {
  const [name, time] = [JSON.stringify(seq), JSON.stringify(at)];
  const found = typeof seq === "number" ? hashes[seq - 1] : undefined;
  if (found === undefined) stop(1, `Row ${name} was there at ${time}; the chain ends at ${hashes.length}: it was cut.`);
  if (found !== hash)
    stop(1, `Row ${name} is not the one of ${time}: the chain was written anew, or the anchor changed.`);
}
const newest = Math.max(...anchors.map(({ seq }) => Number(seq)));
console.log(`${anchors.length} anchors agree, up to row ${newest}; ${hashes.length - newest} rows came after it.`);
