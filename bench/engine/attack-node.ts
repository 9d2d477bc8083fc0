/**
 * The corpus in Node: a process of its own, told over IPC what to do. Beside running attacks it looks at what only shows
 * after many visitors: memory of the host that is not given back, and randomness that comes again.
 */
import { readFileSync } from "node:fs";
import { createSandbox, defaultLimits } from "../../sandbox/index.ts";
import { attacks } from "../../tests/corpora/attacks.ts";
import { runAttack } from "./attack-run.ts";
import { NO_HOST, toProgram, toText } from "./bulkhead.ts";

/** What is asked of this process. */
export type Question =
  | { readonly kind: "attack"; readonly index: number }
  | { readonly kind: "repeat"; readonly index: number }
  | { readonly kind: "randomness" };

/** Bytes of the host's heap, outside of it included, that a hundred repeats of an attack left behind. */
export interface Repeated {
  readonly name: string;
  readonly grewBytes: number;
}

export interface Randomness {
  readonly visitors: number;
  readonly repeats: number;
}

/** Given by Node's `--expose-gc`. */
declare const gc: () => void;

const REPEATS = 100;
/** Until everything an attack makes use of was compiled and kept once. */
const REPEATS_BEFORE = 20;
/** A repeat is to end, not to last. */
const REPEAT_FUEL = 3_000_000;
const VISITORS = 100_000;

const wasm = new WebAssembly.Module(readFileSync(`${import.meta.dirname}/../../sandbox/engine/quickjs.gen.wasm`));
const sandbox = createSandbox({ wasm });

async function heldBytes(): Promise<number> {
  for (let left = 3; left > 0; left -= 1) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function repeat(index: number): Promise<Repeated> {
  const runOften = async (times: number) => {
    for (let left = times; left > 0; left -= 1) await runAttack(sandbox, index, REPEAT_FUEL);
  };
  await runOften(REPEATS_BEFORE);
  const before = await heldBytes();
  await runOften(REPEATS);
  return { name: attacks[index]!.name, grewBytes: (await heldBytes()) - before };
}

/** UUIDs and numbers of visitors never repeat. */
async function drawForMany(): Promise<Randomness> {
  const program = toProgram("draw@1.0.0", "export const main = () => [crypto.randomUUID(), Math.random()];");
  const seen = new Set<string>();
  for (let left = VISITORS; left > 0; left -= 1) {
    const opened = await sandbox.open(program, defaultLimits);
    if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
    const outcome = await opened.vm.invoke({ name: "main", input: "0", context: "{}" }, NO_HOST, defaultLimits);
    opened.vm.close();
    for (const drawn of JSON.parse(toText(outcome)) as unknown[]) seen.add(String(drawn));
  }
  return { visitors: VISITORS, repeats: 2 * VISITORS - seen.size };
}

function answer(question: Question): Promise<unknown> {
  switch (question.kind) {
    case "attack":
      return runAttack(sandbox, question.index);
    case "repeat":
      return repeat(question.index);
    case "randomness":
      return drawForMany();
  }
}

process.on("message", (question) => {
  answer(question as Question).then(
    (answered) => process.send!(answered),
    (error: unknown) => process.send!({ error: error instanceof Error ? `${error.stack}` : String(error) }),
  );
});
