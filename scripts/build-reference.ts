/** Writes `docs/reference/bridges.md` from the table of bridge methods and the table of capabilities. */
import { writeFile } from "node:fs/promises";
import { toReference } from "./reference.ts";

await writeFile(new URL("../docs/reference/bridges.md", import.meta.url), toReference());
