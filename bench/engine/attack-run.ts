/** One attack of the corpus at a given allowance, timed; the same in workerd and in Node. */
import { defaultLimits, type Sandbox } from "../../sandbox/index.ts";
import { attacks } from "../../tests/corpora/attacks.ts";
import { createJudge, type Verdict } from "../../tests/corpora/judge.ts";

export const ATTACK_FUEL = 100_000_000;
/** Waiting is nobody's CPU, so it is kept short. */
const WALL_MS = 200;

export interface AttackRun extends Verdict {
  /** What the attack itself took, its VM's opening included. */
  readonly ms: number;
}

export async function runAttack(sandbox: Sandbox, index: number, fuel: number = ATTACK_FUEL): Promise<AttackRun> {
  const attack = attacks[index]!;
  const openLimits = { ...defaultLimits, fuel: ATTACK_FUEL };
  const judge = createJudge(sandbox, { ...defaultLimits, fuel, wallMs: WALL_MS }, openLimits);
  const start = performance.now();
  const end = await judge.attack(attack);
  const ms = performance.now() - start;
  return { ...(await judge.judge(attack, end)), ms };
}
