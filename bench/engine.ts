/**
 * `npm run bench:engine`: what a pristine VM for every request costs, beside what others do. Figures are ratios of
 * interleaved rounds in one run; `README.md` says what each of them is.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { CONTEXT_METHODS } from "../host/bridges/table.ts";
import { toRuntime } from "../host/invoke/program.ts";
import { SIZES, type Batch, type Size } from "./engine/contender.ts";
import { buildFixtures, buildWorker, bundleFixture, type WorkerCode } from "./engine/worker-code.ts";
import { startWorkerd, type Workerd } from "./engine/workerd.ts";
import { percentile, report, type Figure } from "./report.ts";

const ROUNDS = 9;
const COLD_ROUNDS = 5;
const METERING_PROCESSES = 7;
const BATCH_MS = 60;
const REQUESTS = 150;
const TRIES = 3;
const SLOW_MS = 1_500;
const FIRST_CALLS = 1_000;
const ALL_CALLS = Number(process.env["BENCH_CALLS"] ?? 1_000_000);
const CALLS_PER_REQUEST = 10_000;
/** V8 gives a Worker up to 16 MiB for objects that are young, as it goes. Held small, it shows what is kept. */
const SMALL_YOUNG_GENERATION = "--max-semi-space-size=1";
const LOOKS = 10;
const LOOK_MS = 100;
const MIB = 1_024 * 1_024;
const KIB = 1_024;
const HERE = import.meta.dirname;

const OURS = ["restored", "longlived", "own_fresh"] as const;
const PEERS = [
  "readme_bellard",
  "readme_ng",
  "kept_bellard",
  "kept_ng",
  "wasi_restored",
  "wasi_kept",
  "loader_warm",
  "loader_emdash",
] as const;
const IN_REQUESTS = ["restored", "longlived", "loader_warm", "loader_emdash"] as const;
const WORK = ["json", "template", "markdown"] as const;

const median = (samples: readonly number[]): number => percentile(samples, 0.5);
const log = (text: string): void => void process.stderr.write(`${text}\n`);

/** Samples by name, in the order they came. */
class Samples {
  readonly #all = new Map<string, number[]>();
  add(name: string, value: number): void {
    this.#all.set(name, [...(this.#all.get(name) ?? []), value]);
  }
  median(name: string): number {
    return median(this.#all.get(name) ?? []);
  }
  /** Of `over` over `under`, round by round: the machine's pace drifts, but not within a round. */
  ratio(over: string, under: string): number {
    const below = this.#all.get(under) ?? [];
    return median((this.#all.get(over) ?? []).map((value, index) => value / below[index]!));
  }
  medians(): Record<string, number> {
    return Object.fromEntries([...this.#all].map(([name, all]) => [name, round(median(all))]));
  }
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

async function withWorker<Result>(
  code: WorkerCode,
  use: (worker: Workerd) => Promise<Result>,
  v8Flags: readonly string[] = [],
): Promise<Result> {
  const worker = await startWorkerd(code, v8Flags);
  try {
    return await use(worker);
  } finally {
    await worker.close();
  }
}

function installPeers(): void {
  if (existsSync(`${HERE}/peers/node_modules`)) return;
  execFileSync("npm", ["ci", "--prefix", `${HERE}/peers`], { stdio: ["ignore", "ignore", "inherit"] });
}

installPeers();
const fixtures = await buildFixtures();
const everybody = await buildWorker(`${HERE}/peers/worker.ts`, { fixtures });
const own = await buildWorker(`${HERE}/engine/own-worker.ts`, {
  fixtures,
  work: await bundleFixture("work", "esm"),
  runtime: toRuntime(CONTEXT_METHODS.map(({ name }) => name)),
});

/** Results by size: every contender must give the same. */
const digests = new Map<Size, string>();

function check(name: string, size: Size, result: string): void {
  const digest = createHash("sha256").update(result).digest("hex").slice(0, 16);
  const known = digests.get(size) ?? digest;
  digests.set(size, known);
  if (digest !== known)
    throw new Error(`${name} answered otherwise than the rest for ${size}: ${result.slice(0, 300)}`);
}

/** Microseconds of a call, in one process, everybody in turn. */
async function measureCalls(): Promise<Samples> {
  const samples = new Samples();
  await withWorker(everybody, async (worker) => {
    const ask = async (name: string, size: Size, ms: number) => {
      const batch = await worker.ask<Batch>(`batch?name=${name}&size=${size}&ms=${ms}`);
      check(name, size, batch.result);
      return (batch.ms / batch.calls) * 1_000;
    };
    // A first turn for the optimiser.
    for (const size of SIZES) for (const name of [...OURS, ...PEERS]) await ask(name, size, BATCH_MS);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const size of SIZES)
        for (const name of [...OURS, ...PEERS]) samples.add(`${name} ${size}`, await ask(name, size, BATCH_MS));
    }
    // Each call leaves an isolate behind, so these come last and seldom.
    for (let round = 0; round < COLD_ROUNDS; round += 1)
      for (const size of SIZES) samples.add(`loader_cold ${size}`, await ask("loader_cold", size, 1));
  });
  return samples;
}

/** Microseconds of the one call of a request, as visitors cause it: ticks of a millisecond, summed over many requests. */
async function measureRequests(): Promise<Samples> {
  const samples = new Samples();
  await withWorker(everybody, async (worker) => {
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const size of SIZES) {
        const sums = new Map<string, number>();
        for (let request = 0; request < REQUESTS; request += 1)
          for (const name of IN_REQUESTS) {
            const { ms } = await worker.ask<{ ms: number }>(`once?name=${name}&size=${size}`);
            sums.set(name, (sums.get(name) ?? 0) + ms);
          }
        if (round === 0) continue;
        for (const [name, ms] of sums) samples.add(`${name} ${size}`, (ms / REQUESTS) * 1_000);
      }
    }
  });
  return samples;
}

interface InTurn {
  readonly calls: number;
  readonly ms: Readonly<Record<"plain" | "metered", number>>;
  readonly results: Readonly<Record<"plain" | "metered", string>>;
}

/**
 * Microseconds of pieces of work, metered and not. In several processes: how well V8 compiles either of the two modules
 * differs from one process to the next by more than the meter costs.
 */
async function measureMetering(): Promise<Samples> {
  const samples = new Samples();
  const work = await bundleFixture("work", "iife");
  const code = await buildWorker(`${HERE}/engine/plain-worker.ts`, { work });
  for (let process = 0; process < METERING_PROCESSES; process += 1)
    await withWorker(code, async (worker) => {
      for (let round = -2; round < ROUNDS; round += 1) {
        for (const name of WORK) {
          const { ms, calls, results } = await worker.ask<InTurn>(`?work=${name}&ms=${BATCH_MS * 2}`);
          if (results.plain !== results.metered)
            throw new Error(`${name} came out otherwise when metered: ${results.plain} / ${results.metered}`);
          if (round < 0) continue;
          samples.add(`plain ${name}`, (ms.plain / calls) * 1_000);
          samples.add(`metered ${name}`, (ms.metered / calls) * 1_000);
        }
      }
    });
  return samples;
}

/** Milliseconds of the first call in a new process, by the Worker's clock and in CPU of the whole process. */
async function measureCold(): Promise<Samples> {
  const samples = new Samples();
  for (const size of ["1k", "132k"] as const) {
    const image = await withWorker(own, (worker) => worker.ask(`image?size=${size}`));
    for (let round = 0; round < COLD_ROUNDS; round += 1) {
      for (const from of ["eval", "image"]) {
        await withWorker(own, async (worker) => {
          if (from === "image") await worker.ask("store", image);
          await worker.ask("nothing");
          const before = await worker.cpuMs();
          const { ms, result } = await worker.ask<{ ms: number; result: string }>(`first?size=${size}`);
          samples.add(`${from} ${size}`, ms);
          samples.add(`${from} ${size} process`, (await worker.cpuMs()) - before);
          check(`cold ${from}`, size, result);
        });
      }
    }
  }
  return samples;
}

/** Milliseconds of CPU of a request with one call, all of workerd's work included, and of one without. */
async function measureWarm(): Promise<Samples> {
  const samples = new Samples();
  await withWorker(own, async (worker) => {
    for (let round = -3; round < ROUNDS; round += 1) {
      for (const path of ["call?size=1k", "nothing"]) {
        const before = await worker.cpuMs();
        for (let request = 0; request < REQUESTS; request += 1) await worker.ask(path);
        if (round >= 0) samples.add(path, ((await worker.cpuMs()) - before) / REQUESTS);
      }
    }
  });
  return samples;
}

interface Stats {
  readonly linearBytes: number;
  readonly instances: number;
}

async function measureMemory() {
  const images = await withWorker(own, async (worker) => {
    const bytes = {} as Record<Size, number>;
    for (const size of SIZES) bytes[size] = (await worker.ask<{ bytes: number }>(`image?size=${size}`)).bytes;
    return { ...bytes, ...(await worker.ask<{ blank: number; preludeOnly: number; bare: number }>("blank")) };
  });
  const idle = await withWorker(own, async (worker) => {
    await worker.ask("call?size=1k");
    const { linearBytes, instances } = await worker.ask<Stats>("stats");
    return linearBytes / instances;
  });
  const pool = await withWorker(own, (worker) =>
    worker.ask<{ linearBytes: number; counts: Record<string, number> }>("pool"),
  );
  return { images, idle, pool };
}

/** Resident memory of a process, in MiB, after a thousand calls of one plugin and along the way to a million. */
async function measureGrowth(v8Flags: readonly string[]) {
  const measure = async (worker: Workerd) => {
    // Memory comes and goes with V8's collections: the least of some moments is what is held.
    const settled = async () => {
      let least = Number.POSITIVE_INFINITY;
      for (let left = LOOKS; left > 0; left -= 1) {
        least = Math.min(least, await worker.residentMib());
        await sleep(LOOK_MS);
      }
      return least;
    };
    const repeat = async (calls: number) => {
      for (let left = calls; left > 0; left -= CALLS_PER_REQUEST)
        await worker.ask(`repeat?size=1k&calls=${Math.min(CALLS_PER_REQUEST, left)}`);
    };
    await repeat(FIRST_CALLS);
    const start = await settled();
    const along: number[] = [];
    const step = ALL_CALLS / 10;
    for (let calls = FIRST_CALLS; calls < ALL_CALLS; calls += step) {
      await repeat(Math.min(step, ALL_CALLS - calls));
      along.push(round(await settled()));
    }
    return { start: round(start), along, growth: along.at(-1)! - start };
  };
  return withWorker(own, measure, v8Flags);
}

/** What 10 ms allow: fuel of kinds of work in a millisecond, and what evaluating nothing takes. */
async function measureFuel(): Promise<Samples> {
  const samples = new Samples();
  await withWorker(own, async (worker) => {
    for (let round = -2; round < ROUNDS; round += 1) {
      for (const name of [...WORK, "loop"]) {
        const { fuel, ms } = await worker.ask<{ fuel: number; ms: number }>(`work?name=${name}&ms=${BATCH_MS * 2}`);
        if (round >= 0) samples.add(`fuelPerMs ${name}`, fuel / ms);
      }
      const { ms } = await worker.ask<{ ms: number }>(`evaluate?ms=${BATCH_MS * 2}`);
      if (round >= 0) samples.add("evaluateNothingMs", ms);
    }
  });
  return samples;
}

/** Milliseconds of each attack at 1e8 units. */
async function measureAttacks(): Promise<{ name: string; ms: number }> {
  const code = await buildWorker(`${HERE}/engine/attack-worker.ts`);
  return withWorker(code, async (worker) => {
    let slowest = { name: "", ms: 0 };
    for (const [index, name] of (await worker.ask<string[]>("attacks")).entries()) {
      let { ms } = await worker.ask<{ ms: number }>(`attack?index=${index}`);
      // Machines are noisy: what seems slow is tried again.
      for (let left = TRIES - 1; left > 0 && ms > SLOW_MS; left -= 1)
        ms = Math.min(ms, (await worker.ask<{ ms: number }>(`attack?index=${index}`)).ms);
      if (ms > slowest.ms) slowest = { name, ms };
    }
    return slowest;
  });
}

/** isolated-vm needs Node: numbers of its own. */
function measureIsolated(): Samples | undefined {
  const samples = new Samples();
  try {
    const stdout = execFileSync(process.execPath, ["--no-node-snapshot", `${HERE}/peers/isolated.ts`], {
      input: JSON.stringify({ fixtures, rounds: ROUNDS, ms: BATCH_MS }),
      env: { ...process.env, TZ: "UTC" },
      encoding: "utf8",
      maxBuffer: 16 * MIB,
    });
    for (const line of stdout.trim().split("\n")) {
      const { name, ms, calls, result } = JSON.parse(line) as Batch & { name: string };
      samples.add(name, (ms / calls) * 1_000);
      check(name, name.split(" ")[1] as Size, result);
    }
    return samples;
  } catch (error) {
    log(`isolated-vm was left out: ${error instanceof Error ? error.message.slice(0, 300) : String(error)}`);
    return undefined;
  }
}

log("calls");
const calls = await measureCalls();
log("requests");
const requests = await measureRequests();
log("metering");
const metering = await measureMetering();
log("cold starts");
const cold = await measureCold();
log("warm requests");
const warm = await measureWarm();
log("isolated-vm");
const isolated = measureIsolated();
log("memory");
const memory = await measureMemory();
log("fuel");
const fuel = await measureFuel();
log("growth");
const growth = await measureGrowth([]);
const growthOfHeld = await measureGrowth([SMALL_YOUNG_GENERATION]);
log("attacks");
const slowest = await measureAttacks();

/** The kinder of the two engines the README may be used with. */
const overRestored = (size: Size) =>
  Math.min(...["readme_bellard", "readme_ng"].map((name) => calls.ratio(`${name} ${size}`, `restored ${size}`)));
const overLonglived = (size: Size) => calls.ratio(`restored ${size}`, `longlived ${size}`);
const overLoader = (size: Size) => calls.ratio(`restored ${size}`, `loader_warm ${size}`);
const ratio = (value: number, goal?: number, better?: "higher"): Figure => ({
  value,
  unit: "x",
  ...(goal === undefined ? {} : { goal }),
  ...(better === undefined ? {} : { better }),
});
const metered = WORK.map((name) => metering.ratio(`metered ${name}`, `plain ${name}`));

report(
  "engine",
  {
    fresh_over_restored_22k: ratio(overRestored("22k"), 150, "higher"),
    fresh_over_restored_132k: ratio(overRestored("132k"), 500, "higher"),
    own_fresh_over_restored_22k: ratio(calls.ratio("own_fresh 22k", "restored 22k")),
    own_fresh_over_restored_132k: ratio(calls.ratio("own_fresh 132k", "restored 132k")),
    restored_over_longlived_22k: ratio(overLonglived("22k"), 3),
    restored_over_longlived_1k: ratio(overLonglived("1k")),
    restored_over_longlived_132k: ratio(overLonglived("132k")),
    image_kib_1k: { value: memory.images["1k"] / KIB, unit: "KiB" },
    image_kib_22k: { value: memory.images["22k"] / KIB, unit: "KiB" },
    image_kib_132k: { value: memory.images["132k"] / KIB, unit: "KiB" },
    image_kib_prelude: { value: (memory.images.blank - memory.images.bare) / KIB, unit: "KiB", goal: 200 },
    restored_over_loader_warm: ratio(overLoader("22k"), 0.3),
    restored_over_loader_warm_1k: ratio(overLoader("1k")),
    restored_over_loader_warm_132k: ratio(overLoader("132k")),
    restored_over_loader_emdash: ratio(calls.ratio("restored 22k", "loader_emdash 22k")),
    restored_over_loader_once: ratio(requests.ratio("restored 22k", "loader_warm 22k")),
    image_over_eval_cold_132k: ratio(cold.ratio("image 132k", "eval 132k"), 0.4),
    metered_over_plain: ratio(Math.max(...metered), 1.25),
    idle_linear_mib: { value: memory.idle / MIB, unit: "MiB", goal: 6 },
    pool_linear_mib: { value: memory.pool.linearBytes / MIB, unit: "MiB", goal: 64 },
    cpu_ms_cold: { value: cold.median("image 1k"), unit: "ms", goal: 10 },
    cpu_ms_warm: { value: warm.median("call?size=1k"), unit: "ms", goal: 1 },
    attack_max_ms: { value: slowest.ms, unit: "ms", goal: SLOW_MS },
    growth_mib_1m: { value: growth.growth, unit: "MiB", goal: 8 },
    growth_mib_1m_young_held: { value: growthOfHeld.growth, unit: "MiB" },
  },
  ROUNDS,
  {
    digests: Object.fromEntries(digests),
    bundleBytes: Object.fromEntries(fixtures.map(({ size, source }) => [size, source.length])),
    us: { perCall: calls.medians(), perRequest: requests.medians(), metering: metering.medians() },
    isolated: isolated?.medians(),
    ms: { cold: cold.medians(), warm: warm.medians() },
    memory: { ...memory, idle: round(memory.idle / MIB), growth, growthOfHeld },
    fuel: fuel.medians(),
    slowestAttack: slowest,
    notes: {
      cpu_ms_cold: "The Worker's own clock around the first call in a new process, its image in the store.",
      cpu_ms_warm: "CPU of the whole process, HTTP included, per request.",
      restored_over_loader_warm: "Many calls in one request, as all ratios of calls.",
      restored_over_loader_once: "One call per request each, when nothing is in the processor's caches.",
    },
  },
);
