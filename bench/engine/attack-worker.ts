/** The corpus of attacks against a sandbox of its own. */
import wasm from "../../sandbox/engine/quickjs.gen.wasm";
import { createSandbox } from "../../sandbox/index.ts";
import { attacks } from "../../tests/corpora/attacks.ts";
import { runAttack } from "./attack-run.ts";
import { keepImages } from "./kept-images.ts";
import { serve } from "./serve.ts";

const sandbox = createSandbox({ wasm, images: keepImages().images });

export default serve({
  "/attacks": async () => attacks.map(({ name }) => name),
  "/attack": (query) => runAttack(sandbox, Number(query.get("index"))),
});
