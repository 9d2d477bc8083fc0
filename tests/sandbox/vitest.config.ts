/** Where do the sandbox's tests run? Here in Node; `tests/sandbox-workerd` runs the same files in workerd. */
import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [
    {
      // Workers import a .wasm file as a compiled module; Node has to be shown how.
      name: "compiled-wasm",
      enforce: "pre",
      load(id) {
        if (!id.endsWith(".wasm")) return undefined;
        const bytes = readFileSync(id).toString("base64");
        return `export default new WebAssembly.Module(Buffer.from("${bytes}", "base64"));`;
      },
    },
  ],
  test: {
    name: "sandbox-node",
    include: ["*.test.ts"],
    root: import.meta.dirname,
    globalSetup: "assert-built.ts",
    testTimeout: 30_000,
  },
});
