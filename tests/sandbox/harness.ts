/**
 * How do the tests reach the sandbox? Through its front door, with the real engine: a runtime that calls the export
 * named by the entry, and a host that answers from a table.
 */
import wasm from "../../sandbox/engine/quickjs.gen.wasm";
import {
  createSandbox,
  defaultLimits,
  type HostCallResult,
  type HostCalls,
  type Limits,
  type Outcome,
  type Program,
  type Vm,
} from "../../sandbox/index.ts";

/** Tests forget to close VMs; here nobody has to wait for it. */
export const ROOMY = { budgetBytes: 2 ** 31, shareOfProgram: 1, imageBytes: 2 ** 28 } as const;

export const sandbox = createSandbox({ wasm, pool: ROOMY });

/** The smallest embedder: entries are exports, `ctx.call` reaches the host. */
const RUNTIME = `(sandbox) => ({
  dispatch: (exports, name, input, context) =>
    exports[name](input, { ...context, call: (op, ...args) => sandbox.call(op, args), log: sandbox.log }),
  inspect: (exports) => Object.keys(exports),
})`;

export function toProgram(bundle: string, changes: Partial<Program> = {}): Program {
  return { name: "demo@1.0.0", runtime: RUNTIME, modules: { emdash: "export const answer = 42;" }, bundle, ...changes };
}

export function toLimits(changes: Partial<Limits> = {}): Limits {
  return { ...defaultLimits, ...changes };
}

type Answer = (args: readonly unknown[], signal: AbortSignal) => unknown;

/** A host that answers from a table, and the log lines it was given. */
export function createHost(table: Readonly<Record<string, Answer>> = {}) {
  const logs: { level: string; message: string; data: string | undefined }[] = [];
  const seen: string[] = [];
  const host: HostCalls = {
    async call(op, args, signal): Promise<HostCallResult> {
      seen.push(op);
      const answer = table[op];
      if (!answer) return { ok: false, error: { name: "Error", code: "UNKNOWN", message: `No ${op}` } };
      return {
        ok: true,
        value: JSON.stringify((await answer(JSON.parse(args) as readonly unknown[], signal)) ?? null),
      };
    },
    log: (level, message, data) => void logs.push({ level, message, data }),
  };
  return { host, logs, seen };
}

/** A VM of the bundle, or a failed test. */
export async function openVm(bundle: string, limits = toLimits()): Promise<Vm> {
  const opened = await sandbox.open(toProgram(bundle), limits);
  if (!opened.ok) throw new Error(`could not open: ${JSON.stringify(opened.failure)}`);
  return opened.vm;
}

interface RunOptions {
  readonly limits?: Limits;
  readonly openLimits?: Limits;
  readonly host?: HostCalls;
  readonly input?: unknown;
  readonly entry?: string;
}

/** Opens a VM of the bundle and runs its export `main`. */
export async function run(bundle: string, options: RunOptions = {}): Promise<Outcome> {
  const vm = await openVm(bundle, options.openLimits ?? options.limits);
  const { host = createHost().host, limits = toLimits() } = options;
  const input = JSON.stringify(options.input ?? null);
  const outcome = await vm.invoke({ name: options.entry ?? "main", input, context: "{}" }, host, limits);
  vm.close();
  return outcome;
}

/** The value of a run that must succeed. */
export function toValue(outcome: Outcome): unknown {
  if (!outcome.ok) throw new Error(`expected a value, got ${JSON.stringify(outcome.failure)}`);
  return JSON.parse(outcome.value);
}

/** The function body as the export `main(input, ctx)`. */
export function main(body: string): string {
  return `export async function main(input, ctx) { ${body} }`;
}

/** A program of somebody else's still answers: nothing an attack did reaches beyond its own VM. */
export async function assertVictimAnswers(): Promise<void> {
  const outcome = await run(main("return [input, JSON.stringify({ a: [1] }), [3, 1, 2].sort()]"), { input: "victim" });
  const answer = JSON.stringify(toValue(outcome));
  if (answer !== '["victim","{\\"a\\":[1]}",[1,2,3]]') throw new Error(`the victim answered ${answer}`);
}

/** Why the engine ended an entry; undefined when it did not. */
export function toStop(outcome: Outcome): string | undefined {
  return !outcome.ok && outcome.failure.kind === "stopped" ? outcome.failure.reason : undefined;
}

/** What the guest threw; undefined when it did not. */
export function toThrown(outcome: Outcome) {
  return !outcome.ok && outcome.failure.kind === "threw" ? outcome.failure.error : undefined;
}
