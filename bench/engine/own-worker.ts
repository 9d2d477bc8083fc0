/** Our own sandbox alone in a process: what is measured here must not share memory or compiled code with anybody. */
import fixtures from "bench:fixtures";
import wasm from "../../sandbox/engine/quickjs.gen.wasm";
import { createQuickJsFactory } from "../../sandbox/engine/quickjs.ts";
import { createSandbox, defaultLimits, type HostCalls, type ImageStore } from "../../sandbox/index.ts";
import { attacks } from "../../tests/corpora/attacks.ts";
import { runAttack } from "./attack-run.ts";
import { NO_HOST, restored, toProgram, toText } from "./bulkhead.ts";
import { INPUT, type Fixture } from "./contender.ts";

/** Given by workerd's `--expose-gc`. */
declare const gc: () => void;

const PLUGINS = 50;
const HOST_MS = 5;
/** Objects made, and how many of them are alive at once, until V8's young generation is as large as it gets. */
const CHURN = 5_000_000;
const CHURN_KEPT = 100_000;

const stored = new Map<string, Uint8Array<ArrayBuffer>>();
const store: ImageStore = {
  get: async (key) => stored.get(key),
  put: async (key, bytes) => void stored.set(key, bytes),
};
const macKey = () =>
  crypto.subtle.importKey("raw", new Uint8Array(32), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);

/** Not made before it is asked for: a cold start is measured with everything it takes. */
let made: ReturnType<typeof createSandbox> | undefined;
const sandbox = () => (made ??= createSandbox({ wasm, images: { store, macKey } }));
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

/** Bytes of an image with an empty bundle, and of one without prelude and runtime as well. */
async function sizesOfNothing(): Promise<unknown> {
  const blank = toProgram("blank@1.0.0", "export {};");
  const prepared = await sandbox().prepare(blank, defaultLimits);
  const engine = await createQuickJsFactory(wasm).boot({ stackBytes: defaultLimits.stackBytes });
  const imports = { call: () => {}, ask: () => "!" };
  engine.arm({ ...defaultLimits, imports });
  const entered = engine.evaluate({ ...blank, prelude: `() => () => ""`, runtime: "0" }, 1);
  if (!prepared.ok || entered.kind !== "value") throw new Error("Cannot evaluate nothing.");
  return { blank: prepared.imageBytes, bare: engine.image().size };
}

type Route = (query: URLSearchParams, request: Request) => Promise<unknown>;

const ROUTES: Readonly<Record<string, Route>> = {
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
  "/attacks": async () => attacks.map(({ name }) => name),
  "/attack": (query) => runAttack(sandbox(), Number(query.get("index"))),
  "/churn": async () => {
    const kept: object[] = [];
    for (let made = 0; made < CHURN; made += 1) kept[made % CHURN_KEPT] = { made, more: [made] };
    return { kept: kept.length };
  },
  "/gc": async () => {
    for (let left = 3; left > 0; left -= 1) gc();
    return {};
  },
};

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8_192) binary += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(binary);
}

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    try {
      return Response.json(await ROUTES[pathname]!(searchParams, request));
    } catch (error) {
      return new Response(error instanceof Error ? `${error.message}\n${error.stack}` : String(error), { status: 500 });
    }
  },
};
