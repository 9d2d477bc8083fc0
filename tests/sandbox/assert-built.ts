/** Is there anything to test? Says which command is missing, instead of a module that cannot be found. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";

const GENERATED = ["engine/quickjs.gen.wasm", "guest/prelude.gen.ts"];

export default function assertBuilt(): void {
  for (const file of GENERATED) {
    const path = resolve(import.meta.dirname, "../../sandbox", file);
    if (!existsSync(path))
      throw new Error(`Cannot test the sandbox: sandbox/${file} is missing. Run: npm run build:engine`);
  }
}
