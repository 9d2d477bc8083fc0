/**
 * What may a bundle import? The embedder's trusted modules, by exact specifier and only while the bundle is linked;
 * afterwards every import is refused, which is what takes dynamic `import()` away: it resolves in a job of its own.
 */
import type { Program } from "../types.ts";
export type ModuleSource =
  | {
      readonly ok: true;
      readonly source: string;
    }
  | {
      readonly ok: false;
      readonly message: string;
    };
export interface ModuleResolver {
  /** Runs `work` with static imports allowed. */
  linking<Result>(work: () => Result): Result;
  /** Name under which an import is loaded. Always a name: the engine cannot be told of a refusal at this step. */
  resolve(specifier: string): string;
  source(name: string): ModuleSource;
}
export declare function createModuleResolver(program: Pick<Program, "modules">): ModuleResolver;
