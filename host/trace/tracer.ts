/**
 * Where do the bundles come from that places are looked up in? From the store, by digest, checked like those that run,
 * and kept for a while in each isolate: a plugin that fails at every visit costs one reading.
 */
import { digestFiles } from "../bundle/digest.ts";
import { unpackBundle, type BundleFiles } from "../bundle/unpack.ts";
import type { BundleStore } from "../store/bundles.ts";
import { createCodeText } from "./code-text.ts";
import { TRACE_LIMITS } from "./limits.ts";
import { readSourceMap } from "./source-map.ts";
import type { RawError } from "./stack.ts";
import { toTrace, type BundleSources, type Trace } from "./trace.ts";

/** Makes traces during one host request. */
export interface Tracer {
  /** The trace of an error of the version with this digest. Never throws; null where there is nothing to tell. */
  trace(errors: readonly RawError[], digest: string): Promise<Trace | null>;
}

/** Makes tracers; one per isolate. */
export type Tracers = () => Tracer;

interface Kept extends BundleSources {
  readonly bytes: number;
}

/** What places in these files are looked up in. */
export function openSources(files: BundleFiles): BundleSources {
  return read(files);
}

/** Tracers over the bundle store, which share what was read. */
export function createTracers({ bundles }: { readonly bundles: BundleStore }): Tracers {
  const kept = new Map<string, Kept>();

  async function load(digest: string): Promise<Kept | string> {
    const archive = await bundles.get(digest);
    const files = archive ? await unpackBundle(archive) : undefined;
    if (!files?.ok || (await digestFiles(files.value)) !== digest)
      return "The stored bundle is missing or was changed.";
    const sources = read(files.value);
    kept.set(digest, sources);
    let bytes = [...kept.values()].reduce((sum, each) => sum + each.bytes, 0);
    // Maps keep insertion order, so the first is the one unused for longest.
    for (const [oldest, each] of kept) {
      if (bytes <= TRACE_LIMITS.keptBytes) break;
      kept.delete(oldest);
      bytes -= each.bytes;
    }
    return sources;
  }

  return () => {
    // What this request read stays at hand for it, also where it is too large to keep.
    const mine = new Map<string, Promise<Kept | string>>();
    let traces = 0;

    function open(digest: string): Promise<Kept | string> | Kept | string {
      const known = kept.get(digest);
      if (known) {
        kept.delete(digest);
        kept.set(digest, known);
        return known;
      }
      const loading = mine.get(digest);
      if (loading) return loading;
      // SECURITY: errors are cheap to make and maps are not cheap to read. (tests/host/traces.test.ts, "many plugins that fail at once")
      if (mine.size >= TRACE_LIMITS.bundlesPerRequest) return "Too many plugins failed at once to look all places up.";
      const started = load(digest).catch(() => "The bundle could not be read.");
      mine.set(digest, started);
      return started;
    }

    return {
      async trace(errors, digest) {
        traces += 1;
        if (traces > TRACE_LIMITS.perRequest) return null;
        // Where no error has a place of the bundle there is nothing to look up.
        if (errors.every(({ frames }) => frames.length === 0)) return toTrace(errors, NOTHING);
        return toTrace(errors, await open(digest));
      },
    };
  };
}

const NOTHING: BundleSources = { code: createCodeText(""), map: undefined, note: null };

function read(files: BundleFiles): Kept {
  const backend = files.get("backend.js") ?? new Uint8Array();
  const file = files.get("backend.js.map");
  const code = createCodeText(new TextDecoder().decode(backend));
  const bytes = backend.length * 6;
  if (!file) {
    const note =
      "Places are those of backend.js: the bundle has no source map. Add backend.js.map to see the author's files.";
    return { code, map: undefined, note, bytes };
  }
  const map = readSourceMap(file);
  if (map.ok) return { code, map: map.value, note: null, bytes: bytes + map.value.bytes };
  return {
    code,
    map: undefined,
    note: `Places are those of backend.js: the source map is not used, since ${map.reason}.`,
    bytes,
  };
}
