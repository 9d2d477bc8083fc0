/** The corpus in Node: a process of its own, told over IPC which attack to run. */
import { readFileSync } from "node:fs";
import { createSandbox } from "../../sandbox/index.ts";
import { runAttack } from "./attack-run.ts";

const wasm = new WebAssembly.Module(readFileSync(`${import.meta.dirname}/../../sandbox/engine/quickjs.gen.wasm`));
const sandbox = createSandbox({ wasm });

process.on("message", (index) => {
  runAttack(sandbox, index as number).then(
    (run) => process.send!(run),
    (error: unknown) => process.send!({ error: error instanceof Error ? `${error.stack}` : String(error) }),
  );
});
