/** What came of an attack? Runs it, then somebody else, then the attacked VM again. */
import type { HostCallResult, HostCalls, Limits, Outcome, Program, Sandbox } from "../../sandbox/index.ts";
import { PRISTINE, QUESTION, victim, type Attack } from "./attacks.ts";

export interface Verdict {
  readonly name: string;
  /** The limit that ended it, `threw <error>`, or `finished`. */
  readonly ended: string;
  readonly fuel: number;
  readonly peakBytes: number;
  /** What does not hold; undefined when all does. */
  readonly complaint: string | undefined;
}

/** Limits an attack may end by. `crashed` is not among them. */
const LIMITS: readonly string[] = [
  "fuel",
  "memory",
  "stack",
  "jobs",
  "wall",
  "host-calls",
  "message-size",
  "traffic",
  "never-settled",
];

const RUNTIME = `(sandbox) => ({
  dispatch: (exports, name, input, context) =>
    exports[name](input, { ...context, call: (op, ...args) => sandbox.call(op, args), log: sandbox.log }),
  inspect: (exports) => Object.keys(exports),
})`;
const DEEP = 2_000;
const NO_USAGE = { fuel: 0, peakBytes: 0 };

const host: HostCalls = {
  async call(op, args): Promise<HostCallResult> {
    if (op === "echo") return { ok: true, value: args };
    if (op === "deep") return { ok: true, value: "[".repeat(DEEP) + "]".repeat(DEEP) };
    return { ok: false, error: { name: "Error", code: "UNKNOWN", message: `No ${op}.` } };
  },
  log: () => {},
};

export function toProgram({ name, bundle }: Attack): Program {
  return { name: `${name.replaceAll(/[^a-z0-9]+/gi, "-")}@1.0.0`, runtime: RUNTIME, modules: {}, bundle };
}

export interface Judge {
  /** Runs the attack itself: what may take long. */
  attack(attack: Attack): Promise<AttackEnd>;
  /** Looks at what it left behind. */
  judge(attack: Attack, end: AttackEnd): Promise<Verdict>;
}

export interface AttackEnd {
  readonly program: Program;
  readonly ended: string;
  readonly fuel: number;
  readonly peakBytes: number;
  readonly isOpened: boolean;
}

/** @param openLimits what evaluation may use; the attack's entry is given `limits`. */
export function createJudge(sandbox: Sandbox, limits: Limits, openLimits: Limits = limits): Judge {
  const bystander = toProgram(victim);

  async function enter(program: Program, name: string, given: Limits): Promise<Outcome | undefined> {
    const opened = await sandbox.open(program, openLimits);
    if (!opened.ok) return undefined;
    try {
      return await opened.vm.invoke({ name, input: QUESTION, context: "{}" }, host, given);
    } finally {
      opened.vm.close();
    }
  }

  return {
    async attack(attack) {
      const program = toProgram(attack);
      const opened = await sandbox.open(program, openLimits);
      if (!opened.ok) return { program, ended: toEnd(opened.failure), ...NO_USAGE, isOpened: false };
      const outcome = await opened.vm.invoke({ name: "main", input: "null", context: "{}" }, host, limits);
      opened.vm.close();
      const { fuel, peakBytes } = outcome.usage;
      return { program, ended: outcome.ok ? "finished" : toEnd(outcome.failure), fuel, peakBytes, isOpened: true };
    },
    async judge({ name }, { program, ended, fuel, peakBytes, isOpened }) {
      const complaints: string[] = [];
      const isEnd = ended === "finished" || ended.startsWith("threw") || LIMITS.includes(ended);
      if (!isEnd) complaints.push(`ended by ${ended}`);
      if (peakBytes > limits.memoryBytes) complaints.push(`took ${peakBytes} bytes`);
      if (fuel > limits.fuel * 1.01) complaints.push(`used ${fuel} units`);
      const other = await enter(bystander, "main", limits);
      if (!isValue(other, '"unharmed"')) complaints.push(`another plugin answered ${toText(other)}`);
      if (isOpened) {
        const { instances } = sandbox.stats();
        const again = await enter(program, "check", openLimits);
        if (!isValue(again, PRISTINE)) complaints.push(`afterwards it answered ${toText(again)}`);
        if (sandbox.stats().instances > instances) complaints.push("afterwards another instance answered");
      }
      return { name, ended, fuel, peakBytes, complaint: complaints.length === 0 ? undefined : complaints.join("; ") };
    },
  };
}

function toEnd(failure: Extract<Outcome, { ok: false }>["failure"]): string {
  return failure.kind === "stopped" ? failure.reason : `threw ${failure.error.name.slice(0, 40)}`;
}

function isValue(outcome: Outcome | undefined, value: string): boolean {
  return outcome?.ok === true && outcome.value === value;
}

function toText(outcome: Outcome | undefined): string {
  if (outcome === undefined) return "nothing: it did not open";
  return outcome.ok ? outcome.value.slice(0, 300) : JSON.stringify(outcome.failure).slice(0, 300);
}
