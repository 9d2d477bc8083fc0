/**
 * What may a bundle import? The embedder's trusted modules, by exact specifier and only while the bundle is linked;
 * afterwards every import is refused, which is what takes dynamic `import()` away: it resolves in a job of its own.
 */
import type { Program } from "../types.ts";

export type ModuleSource =
  { readonly ok: true; readonly source: string } | { readonly ok: false; readonly message: string };

export interface ModuleResolver {
  /** Runs `work` with static imports allowed. */
  linking<Result>(work: () => Result): Result;
  /** Name under which an import is loaded. Always a name: the engine cannot be told of a refusal at this step. */
  resolve(specifier: string): string;
  source(name: string): ModuleSource;
}

/** Names that start so are refusals; what follows is the message. */
const REFUSED = "refused: ";

export function createModuleResolver(program: Pick<Program, "modules">): ModuleResolver {
  let isLinking = false;
  return {
    linking(work) {
      isLinking = true;
      try {
        return work();
      } finally {
        isLinking = false;
      }
    },
    resolve(specifier) {
      // SECURITY: import() must not load code at run time (tests/sandbox/dynamic-code.test.ts).
      if (!isLinking)
        return `${REFUSED}Cannot import("${specifier}"): dynamic import is not available. Import it statically.`;
      if (Object.hasOwn(program.modules, specifier)) return specifier;
      const known = Object.keys(program.modules).join(", ") || "none";
      return `${REFUSED}Cannot import "${specifier}": modules available are: ${known}. Bundle it instead.`;
    },
    source(name) {
      const source = Object.hasOwn(program.modules, name) ? program.modules[name] : undefined;
      if (source !== undefined && isLinking) return { ok: true, source };
      const message = name.startsWith(REFUSED) ? name.slice(REFUSED.length) : `Cannot import "${name}".`;
      return { ok: false, message };
    },
  };
}
