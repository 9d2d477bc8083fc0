/**
 * `npm run attack`: every attack of the corpus in workerd and in Node, at 1e8 units. Writes `docs/hostile-corpus.md`, and
 * fails when an attack does not end by a limit, leaves something behind, reaches another plugin or takes too long.
 */
import { fork } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { attacks } from "../tests/corpora/attacks.ts";
import { ATTACK_FUEL, type AttackRun } from "./engine/attack-run.ts";
import { buildWorker } from "./engine/worker-code.ts";
import { startWorkerd } from "./engine/workerd.ts";

/** One place to run attacks in. */
interface Arena {
  run(index: number): Promise<AttackRun>;
  close(): Promise<void>;
}

const GOAL_MS = 1_500;
/** After this an attack counts as one that never ends. */
const PATIENCE_MS = 30_000;
/** Machines are noisy: what seems slow is tried again. */
const TRIES = 3;
const MIB = 1_024 * 1_024;
const HERE = import.meta.dirname;

const worker = await buildWorker(`${HERE}/engine/own-worker.ts`, { fixtures: [], work: "", runtime: "" });

async function inWorkerd(): Promise<Arena> {
  const { ask, close } = await startWorkerd(worker);
  return { run: (index) => ask<AttackRun>(`attack?index=${index}`), close };
}

async function inNode(): Promise<Arena> {
  const child = fork(`${HERE}/engine/attack-node.ts`);
  return {
    run: (index) =>
      new Promise((resolve, reject) => {
        const onExit = (code: number | null) => reject(new Error(`Node ended with ${code}.`));
        child.once("exit", onExit);
        child.once("message", (message: AttackRun | { error: string }) => {
          child.off("exit", onExit);
          if ("error" in message) reject(new Error(message.error));
          else resolve(message);
        });
        child.send(index);
      }),
    async close() {
      child.kill("SIGKILL");
    },
  };
}

async function runAll(start: () => Promise<Arena>): Promise<readonly AttackRun[]> {
  const runs: AttackRun[] = [];
  let arena = await start();

  async function tryOnce(index: number): Promise<AttackRun> {
    const waiting = new AbortController();
    try {
      const late = sleep(PATIENCE_MS, undefined, { signal: waiting.signal });
      late.catch(() => {});
      return await Promise.race([
        arena.run(index),
        late.then(() => {
          throw new Error(`not over after ${PATIENCE_MS} ms`);
        }),
      ]);
    } catch (error) {
      await arena.close();
      arena = await start();
      const complaint = error instanceof Error ? error.message : String(error);
      return { name: attacks[index]!.name, ended: "nothing", fuel: 0, peakBytes: 0, complaint, ms: PATIENCE_MS };
    } finally {
      waiting.abort();
    }
  }

  for (const index of attacks.keys()) {
    let run = await tryOnce(index);
    for (let left = TRIES - 1; left > 0 && run.ms > GOAL_MS && run.complaint === undefined; left -= 1) {
      const again = await tryOnce(index);
      if (again.ms < run.ms) run = again;
    }
    runs.push(run);
  }
  await arena.close();
  return runs;
}

function toMs(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0);
}

/** Names are prose, but may hold what a table does not. */
function toCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("*", "\\*").replaceAll("_", "\\_").replaceAll("`", "\\`");
}

function toDocument(workerd: readonly AttackRun[], node: readonly AttackRun[]): string {
  const ends = new Map<string, number>();
  for (const { ended } of workerd) {
    const kind = ended.startsWith("threw") ? "threw" : ended;
    ends.set(kind, (ends.get(kind) ?? 0) + 1);
  }
  const slowest = workerd.reduce((most, run) => (run.ms > most.ms ? run : most));
  const largest = workerd.reduce((most, run) => (run.peakBytes > most.peakBytes ? run : most));
  const rows = workerd.map(({ name, ended, ms, fuel, peakBytes }, index) => {
    const cells = [
      toCell(name),
      ended,
      toMs(ms),
      toMs(node[index]!.ms),
      (fuel / 1e6).toFixed(1),
      (peakBytes / MIB).toFixed(1),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return `# The hostile corpus

Written by \`npm run attack\`. ${workerd.length} attacks, each given ${ATTACK_FUEL / 1e6} million units of fuel, in workerd and in Node. After each of them another plugin is asked and must answer as always, then the attacked plugin is asked in the same instance and must answer as if nothing had happened. One that does not hold fails the command.

- Ended by: ${[...ends]
    .toSorted(([, a], [, b]) => b - a)
    .map(([end, count]) => `${end} ${count}`)
    .join(
      ", ",
    )}. \`threw\` is an error the guest itself could have caught; \`finished\` did its work within the allowance.
- Slowest in workerd: ${toCell(slowest.name)}, ${toMs(slowest.ms)} ms (goal: at most ${GOAL_MS} ms).
- Largest: ${toCell(largest.name)}, ${(largest.peakBytes / MIB).toFixed(1)} MiB.
- Machine: ${cpus().length} cores, ${cpus()[0]?.model ?? "unknown"}; Node ${process.version}.

Sources: \`tests/corpora\`. An attack that ended while its bundle was evaluated has no fuel or memory of an entry.

| attack | ended by | ms in workerd | ms in Node | fuel, millions | peak MiB |
| --- | --- | --: | --: | --: | --: |
${rows.join("\n")}
`;
}

const only = process.argv[2];
if (only !== undefined) {
  for (const [place, start] of Object.entries({ workerd: inWorkerd, node: inNode })) {
    const arena = await start();
    for (const [index, { name }] of attacks.entries())
      if (name.includes(only)) console.log(place, JSON.stringify(await arena.run(index)));
    await arena.close();
  }
  process.exit();
}

const workerd = await runAll(inWorkerd);
const node = await runAll(inNode);
await writeFile(`${HERE}/../docs/hostile-corpus.md`, toDocument(workerd, node));

const complaints = [
  ...workerd.map((run) => ({ place: "workerd", run })),
  ...node.map((run) => ({ place: "Node", run })),
]
  .filter(({ run }) => run.complaint !== undefined || run.ms > GOAL_MS)
  .map(({ place, run }) => `${place}: ${run.name}: ${run.complaint ?? `took ${toMs(run.ms)} ms`} (${run.ended})`);
for (const complaint of complaints) console.error(complaint);
console.log(`${workerd.length} attacks, ${complaints.length} complaints. Written: docs/hostile-corpus.md`);
process.exitCode = complaints.length === 0 ? 0 : 1;
