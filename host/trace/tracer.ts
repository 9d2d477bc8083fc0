/**
 * Where do the bundles come from that places are looked up in? From the store, by digest, checked like those that run,
 * and kept for a while in each isolate: a plugin that fails at every visit costs one reading.
 */
import type { FileDigest } from "../bundle/digest.ts";
import { readStored, readStoredMap } from "../bundle/stored.ts";
import type { BundleFiles } from "../bundle/unpack.ts";
import { fail } from "../result.ts";
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
    const stored = archive ? await readStored(archive, digest) : undefined;
    if (!stored?.ok) return "The stored bundle is missing or was changed.";
    const { files, map } = stored.value;
    const sources = read(files, map && (await loadMap(digest, map)));
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

  /** A map that is kept apart, or why it is not used. */
  async function loadMap(digest: string, expected: FileDigest): Promise<Uint8Array | string> {
    if (expected.bytes > TRACE_LIMITS.mapBytes) {
      return `it has ${expected.bytes} bytes; at most ${TRACE_LIMITS.mapBytes} are read`;
    }
    const stored = await bundles.getMap(digest);
    const map = stored && (await readStoredMap(stored, expected));
    return map ?? "the stored one is missing or was changed";
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

/** `apart` is the map that is not among the files, or why there is none. */
function read(files: BundleFiles, apart: Uint8Array | string | null = null): Kept {
  const backend = files.get("backend.js") ?? new Uint8Array();
  const file = apart ?? files.get("backend.js.map");
  const code = createCodeText(new TextDecoder().decode(backend));
  const bytes = backend.length * 6;
  if (!file) {
    const note =
      "Places are those of backend.js: the bundle has no source map. Add backend.js.map to see the author's files.";
    return { code, map: undefined, note, bytes };
  }
  const map = typeof file === "string" ? fail(file) : readSourceMap(file);
  if (map.ok) return { code, map: map.value, note: null, bytes: bytes + map.value.bytes };
  return {
    code,
    map: undefined,
    note: `Places are those of backend.js: the source map is not used, since ${map.reason}.`,
    bytes,
  };
}
