/** One Worker with everybody in it, so that rounds can be interleaved in one process. */
import fixtures from "bench:fixtures";
import wasm from "../../sandbox/engine/quickjs.gen.wasm";
import { createSandbox } from "../../sandbox/index.ts";
import { longlived, ownFresh, restored } from "../engine/bulkhead.ts";
import { runBatch, INPUT, type Call, type Contender } from "../engine/contender.ts";
import * as emscripten from "./emscripten.ts";
import * as loaders from "./loader.ts";
import * as wasi from "./wasi.ts";

interface Env {
  readonly LOADER: loaders.Loader;
}

interface Context {
  readonly exports: loaders.Exports;
}

/** For the isolates of `loaders.emdash`. */
export const { Bridge } = loaders;

const sandbox = createSandbox({ wasm });

const contenders: Readonly<Record<string, (env: Env, context: Context) => Contender>> = {
  restored: () => (fixture) => restored(sandbox, fixture),
  longlived: () => (fixture) => longlived(sandbox, fixture),
  own_fresh: () => (fixture) => ownFresh(wasm, fixture),
  readme_bellard: () => emscripten.fresh("bellard"),
  readme_ng: () => emscripten.fresh("ng"),
  kept_bellard: () => emscripten.kept("bellard"),
  kept_ng: () => emscripten.kept("ng"),
  wasi_kept: () => wasi.kept,
  wasi_restored: () => wasi.restored,
  loader_warm: (env) => async (fixture) => loaders.warm(env.LOADER, fixture),
  loader_emdash:
    (env, { exports }) =>
    async (fixture) =>
      loaders.emdash(env.LOADER, exports, fixture),
  loader_cold: (env) => async (fixture) => loaders.cold(env.LOADER, fixture),
};

const calls = new Map<string, Call>();
const sums = new Map<string, { calls: number; ms: number }>();

async function toCall(env: Env, context: Context, name: string, size: string): Promise<Call> {
  const key = `${name} ${size}`;
  const fixture = fixtures.find((each) => each.size === size);
  if (fixture === undefined || contenders[name] === undefined) throw new Error(`No ${key}.`);
  // A stub belongs to a request: what uses the binding is made anew.
  const isKept = !name.startsWith("loader");
  const call = (isKept ? calls.get(key) : undefined) ?? (await contenders[name](env, context)(fixture));
  calls.set(key, call);
  return call;
}

async function answer(request: Request, env: Env, context: Context): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const name = searchParams.get("name") ?? "";
  const size = searchParams.get("size") ?? "";
  const call = await toCall(env, context, name, size);
  if (pathname === "/batch") return Response.json(await runBatch(call, Number(searchParams.get("ms"))));
  // One call per request, as visitors cause it. A tick is longer than a call; over many requests the ticks add up.
  const start = performance.now();
  const result = await call(INPUT);
  const ms = performance.now() - start;
  const sum = sums.get(`${name} ${size}`) ?? { calls: 0, ms: 0 };
  sums.set(`${name} ${size}`, { calls: sum.calls + 1, ms: sum.ms + ms });
  return Response.json({ result, ms });
}

export default {
  fetch: (request: Request, env: Env, context: Context) =>
    answer(request, env, context).catch(
      (error: unknown) =>
        new Response(error instanceof Error ? `${error.name}: ${error.message}\n${error.stack}` : String(error), {
          status: 500,
        }),
    ),
};
