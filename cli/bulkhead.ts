#!/usr/bin/env node
/** `bulkhead`: what applications and authors run on the command line. Each command is a file of its own; here are their options. */
import { parseArgs } from "node:util";
import { signRotation } from "../host/bundle/sign.ts";
import { readKey, writeNewKey } from "./key-file.ts";
import { signBundle } from "./sign-bundle.ts";
import { writeMigrations } from "./write-migrations.ts";

const USAGE = `Usage:
bulkhead migrations [--prefix plugins_] [--out migrations]
  Writes the tables of the plugin host, for wrangler d1 migrations apply. Files that are there already stay as they are: a
  migration that has run never changes.
  --prefix    beginning of their names (default plugins_); give createServices the same tablePrefix
  --out       folder, made where it is missing (default migrations)

bulkhead keygen --publisher <name> [--out bulkhead.key]
  Makes a key to sign with. The file is the private key: keep it to yourself, and a copy where you will find it.

bulkhead sign <bundle.tar.gz> [--key bulkhead.key] [--out <file>] [--expires <time>] [--previous <old.key>]
  Signs a bundle, in its place unless --out says where.
  --expires   until when it can be installed, e.g. 2027-06-30T00:00:00Z; what is installed runs on
  --previous  the key this one takes the place of, for hosts that know only that

bulkhead rotate --previous <old.key> [--key bulkhead.key]
  Prints the old key's statement for the new one, for administrators who registered the old one.`;

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      prefix: { type: "string", default: "plugins_" },
      out: { type: "string" },
      key: { type: "string", default: "bulkhead.key" },
      previous: { type: "string" },
      publisher: { type: "string" },
      expires: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command, file] = positionals;
  const { out, key, previous, publisher } = values;
  if (values.help) return console.log(USAGE);
  if (command === "migrations" && positionals.length === 1) return writeMigrations(out ?? "migrations", values.prefix);
  if (command === "keygen" && publisher !== undefined && positionals.length === 1) {
    const made = await writeNewKey(out ?? "bulkhead.key", publisher);
    const { keyId, text } = made.key.publicKey;
    console.log(`wrote ${out ?? "bulkhead.key"}\npublisher  ${publisher}\nkey id     ${keyId}\npublic key ${text}`);
    return;
  }
  if (command === "sign" && file !== undefined && positionals.length === 2) {
    const signed = await signBundle({
      bundle: file,
      out: out ?? file,
      by: await readKey(key),
      previous: previous === undefined ? null : await readKey(previous),
      expiresAt: values.expires === undefined ? null : toTime(values.expires),
      now: new Date(),
    });
    console.log(`signed ${signed.id} ${signed.version}: ${out ?? file}`);
    return;
  }
  if (command === "rotate" && previous !== undefined && positionals.length === 1) {
    const [old, next] = await Promise.all([readKey(previous), readKey(key)]);
    const { keyId, text } = next.key.publicKey;
    const statement = await signRotation(old.key, keyId);
    console.log(`POST /api/admin/publishers/${old.key.publicKey.keyId}/rotate`);
    console.log(JSON.stringify({ publicKey: text, statement }));
    return;
  }
  console.log(USAGE);
  process.exitCode = 1;
}

function toTime(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new Error(`--expires ${text} is no time. Expected one such as 2027-06-30T00:00:00Z`);
  return time;
}

try {
  await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
