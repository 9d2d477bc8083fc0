/**
 * What does one round of each loop cost? A round in which other functions are called takes longer than one that only
 * computes, even where none of them loops. A loop with a table of branches is a dispatcher, such as the interpreter's own:
 * one round takes one branch, whatever is called in the others.
 */
import { COSTS } from "./charges.ts";
import type { Instruction } from "./code.ts";
import { OP } from "./opcodes.ts";

interface Loop {
  readonly start: number;
  hasCall: boolean;
  hasTable: boolean;
}

/** Units by the index of the instruction that begins the loop. What stands in a loop within counts for that one alone. */
export function priceLoops(instructions: readonly Instruction[]): ReadonlyMap<number, number> {
  const prices = new Map<number, number>();
  /** Blocks that are open; undefined for those that are no loops. */
  const open: (Loop | undefined)[] = [];
  instructions.forEach(({ opcode }, index) => {
    const innermost = open.findLast((block) => block !== undefined);
    switch (opcode) {
      case OP.loop:
        open.push({ start: index, hasCall: false, hasTable: false });
        break;
      case OP.block:
      case OP.if:
        open.push(undefined);
        break;
      case OP.end: {
        const loop = open.pop();
        if (loop !== undefined) prices.set(loop.start, loop.hasCall && !loop.hasTable ? COSTS.callingLoop : COSTS.loop);
        break;
      }
      case OP.call:
      case OP.callIndirect:
        if (innermost !== undefined) innermost.hasCall = true;
        break;
      case OP.brTable:
        if (innermost !== undefined) innermost.hasTable = true;
        break;
    }
  });
  return prices;
}
