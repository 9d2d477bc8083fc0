/**
 * Our own sandbox alone in a process: what is measured here must not share memory or compiled code with anybody. The
 * corpus of attacks is not here either: making it leaves V8 with a young generation many times the size.
 */
import fixtures from "bench:fixtures";
import runtime from "bench:runtime";
import work from "bench:work";
import wasm from "../../sandbox/engine/quickjs.gen.wasm";
import type { EngineProgram } from "../../sandbox/engine/engine.ts";
import { createQuickJsFactory } from "../../sandbox/engine/quickjs.ts";
import { prelude } from "../../sandbox/guest/prelude.gen.ts";
import { createSandbox, defaultLimits, type HostCalls } from "../../sandbox/index.ts";
import { evaluated, NO_HOST, restored, toProgram, toText } from "./bulkhead.ts";
import { INPUT, runBatch, type Fixture } from "./contender.ts";
import { keepImages } from "./kept-images.ts";
import { serve } from "./serve.ts";

const PLUGINS = 50;
const HOST_MS = 5;
const HOUR_MS = 3_600_000;

const { stored, images } = keepImages();

/** Not made before it is asked for: a cold start is measured with everything it takes. */
let made: ReturnType<typeof createSandbox> | undefined;
const sandbox = () => (made ??= createSandbox({ wasm, images }));
const fixtureOf = (size: string | null): Fixture => fixtures.find((each) => each.size === size) ?? fixtures[0]!;
/** Programs are kept by whoever uses them, as the host does. */
const programs = new Map(fixtures.map(({ size, source }) => [size, toProgram(`bench-${size}@1.0.0`, source)] as const));

/** The clock ticks in milliseconds. */
function atTick(): number {
  const tick = performance.now();
  let now = tick;
  while (now === tick) now = performance.now();
  return now;
}

async function callOnce(size: string | null): Promise<string> {
  const program = programs.get(fixtureOf(size).size)!;
  const opened = await sandbox().open(program, defaultLimits);
  if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
  const outcome = await opened.vm.invoke({ name: "main", input: INPUT, context: "{}" }, NO_HOST, defaultLimits);
  opened.vm.close();
  return toText(outcome);
}

/** Fifty plugins at once, each waiting for the host for a moment. */
async function fillPool(): Promise<unknown> {
  let most = 0;
  const look = () => void (most = Math.max(most, sandbox().stats().linearBytes));
  const host: HostCalls = {
    async call() {
      look();
      await new Promise((resolve) => setTimeout(resolve, HOST_MS));
      return { ok: true, value: "1" };
    },
    log: () => {},
  };
  const ends = await Promise.all(
    Array.from({ length: PLUGINS }, async (_, index) => {
      const source = fixtureOf("22k").source.replace(/^/, `/* plugin ${index} */`);
      const program = toProgram(
        `plugin-${index}@1.0.0`,
        `${source}\nexport const wait = async (input, ctx) => { await ctx.call("wait"); return "ok" };`,
      );
      const opened = await sandbox().open(program, defaultLimits);
      look();
      if (!opened.ok) return opened.failure.kind === "stopped" ? opened.failure.reason : opened.failure.error.message;
      const outcome = await opened.vm.invoke({ name: "wait", input: INPUT, context: "{}" }, host, defaultLimits);
      look();
      opened.vm.close();
      return outcome.ok ? "answered" : JSON.stringify(outcome.failure);
    }),
  );
  const counts: Record<string, number> = {};
  for (const end of ends) counts[end] = (counts[end] ?? 0) + 1;
  return { linearBytes: most, counts, stats: sandbox().stats() };
}

/** An empty bundle with the host's half, as the host evaluates it. */
const blank = { ...toProgram("blank@1.0.0", "export {};"), runtime };

/** Bytes that are stored of an empty bundle with prelude and the host's half, and without either. */
async function sizesOfNothing(): Promise<unknown> {
  const factory = createQuickJsFactory(wasm);
  const sizeOf = async (program: EngineProgram) => {
    const engine = await factory.boot({ stackBytes: defaultLimits.stackBytes });
    engine.arm({ ...defaultLimits, imports: { call: () => {}, ask: () => "!" } });
    const entered = engine.evaluate(program, 1);
    if (entered.kind !== "value") throw new Error(`Cannot evaluate nothing: ${JSON.stringify(entered)}`);
    return factory.toBytes(engine.image()).length;
  };
  return {
    blank: await sizeOf({ ...blank, prelude }),
    preludeOnly: await sizeOf({ ...blank, prelude, runtime: "() => ({ dispatch() {}, inspect() {} })" }),
    bare: await sizeOf({ ...blank, prelude: [`() => () => ""`], runtime: "0" }),
  };
}

/** Units of fuel a kind of work takes, and its milliseconds. */
async function priceOfWork(name: string, forMs: number): Promise<unknown> {
  const opened = await sandbox().open(toProgram("work@1.0.0", work), defaultLimits, { leaseMs: HOUR_MS });
  if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
  let fuel = 0;
  const { calls, ms } = await runBatch(async () => {
    const outcome = await opened.vm.invoke({ name, input: "0", context: "{}" }, NO_HOST, defaultLimits);
    ({ fuel } = outcome.usage);
    return toText(outcome);
  }, forMs);
  opened.vm.close();
  return { fuel, ms: ms / calls };
}

export default serve({
  "/nothing": async () => ({}),
  "/first": async (query) => {
    const start = atTick();
    const result = await callOnce(query.get("size"));
    return { ms: performance.now() - start, result };
  },
  "/call": async (query) => ({ result: await callOnce(query.get("size")) }),
  "/repeat": async (query) => {
    const call = await restored(sandbox(), fixtureOf(query.get("size")));
    for (let left = Number(query.get("calls")); left > 0; left -= 1) await call(INPUT);
    return {};
  },
  "/image": async (query) => {
    const prepared = await sandbox().prepare(programs.get(fixtureOf(query.get("size")).size)!, defaultLimits);
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.failure));
    const bytes = stored.get(prepared.key)!;
    return { key: prepared.key, bytes: bytes.length, base64: toBase64(bytes) };
  },
  "/blank": sizesOfNothing,
  "/store": async (_, request) => {
    const { key, base64 } = (await request.json()) as { key: string; base64: string };
    stored.set(
      key,
      Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)),
    );
    return {};
  },
  "/stats": async () => sandbox().stats(),
  "/pool": fillPool,
  "/work": (query) => priceOfWork(query.get("name") ?? "", Number(query.get("ms"))),
  "/evaluate": async (query) => {
    const { calls, ms } = await runBatch(evaluated(wasm, blank), Number(query.get("ms")));
    return { ms: ms / calls };
  },
});

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8_192) binary += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(binary);
}
