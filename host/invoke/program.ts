/**
 * Which program is a plugin version? Its `backend.js`, checked against the granted digest when it is loaded, and the
 * host's guest half. Kept per isolate by digest.
 */
import type { Program } from "../../sandbox/index.ts";
import { readStored } from "../bundle/stored.ts";
import { guestRuntime } from "../guest/runtime.gen.ts";
import type { Services } from "../services.ts";

/** Which version it is. */
export interface PluginVersion {
  readonly id: string;
  readonly version: string;
  readonly digest: string;
}

/** Loads programs. Throws where the bundle is missing or is not the one. */
export interface ProgramLoader {
  /** From this isolate, or from the store and kept. */
  load(plugin: PluginVersion): Promise<Program>;
  /** From this isolate, or from the store and not kept. */
  read(plugin: PluginVersion): Promise<Program>;
}

/** `import { definePlugin } from "emdash"` is what EmDash's older layout has; the function returns what it is given. */
const MODULES = { emdash: "export const definePlugin = (plugin) => plugin;" };

/** Characters of source kept per isolate, beside the pool's memory and its images; beyond it the longest unused go. */
const KEPT_CHARS = 4_000_000;

/** Code that was just unpacked, and the bridge methods `ctx` has, e.g. `kv.get`. */
export interface ProgramParts {
  readonly backend: Uint8Array;
  readonly methods: readonly string[];
}

/** The guest's half, told which bridge methods `ctx` has. One text: a list would be an object for each in every image. */
export function toRuntime(methods: readonly string[]): string {
  const names = methods.map((name) => ` ${name}`).join("");
  return `(sandbox) => (${guestRuntime})(sandbox, ${JSON.stringify(names)})`;
}

/** The program for it, e.g. for inspection. */
export function toProgram({ id, version }: Omit<PluginVersion, "digest">, { backend, methods }: ProgramParts): Program {
  return {
    name: `${id}@${version}`,
    owner: id,
    runtime: toRuntime(methods),
    modules: MODULES,
    bundle: new TextDecoder().decode(backend),
  };
}

/** A loader over the bundle store. */
export function createProgramLoader({ bundles, offer }: Pick<Services, "bundles" | "offer">): ProgramLoader {
  const kept = new Map<string, Program>();

  return {
    async load(plugin) {
      const { digest } = plugin;
      const known = kept.get(digest);
      kept.delete(digest);
      const program = known ?? (await fromStore(plugin));
      // Maps keep insertion order, so the first is the one unused for longest.
      kept.set(digest, program);
      let chars = [...kept.values()].reduce((sum, each) => sum + each.bundle.length, 0);
      for (const [oldest, each] of kept) {
        if (chars <= KEPT_CHARS || oldest === digest) break;
        kept.delete(oldest);
        chars -= each.bundle.length;
      }
      return program;
    },
    async read(plugin) {
      return kept.get(plugin.digest) ?? fromStore(plugin);
    },
  };

  async function fromStore({ id, version, digest }: PluginVersion): Promise<Program> {
    const name = `${id}@${version}`;
    const archive = await bundles.get(digest);
    if (!archive) throw new Error(`The bundle of ${name} (${digest}) is missing from the bundle store`);
    const read = await readStored(archive, digest);
    if (!read.ok)
      throw new Error(`The stored bundle of ${name} is not the one with the digest ${digest}: ${read.reason}`);
    const { files } = read.value;
    return toProgram({ id, version }, { backend: files.get("backend.js")!, methods: offer.methods });
  }
}
