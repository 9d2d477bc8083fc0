/**
 * Where does the address of a store come from? Follows the operand stack through straight-line code and tells which
 * stores use one and the same value of a local. What it cannot follow it leaves open.
 */
import type { Body } from "./code.ts";
import { KIND, type Module } from "./module.ts";
import { OP, OPCODES } from "./opcodes.ts";

/** A value on the operand stack: the local it was read from, as long as that is known. */
type Value = string | undefined;

const ONE_OPERAND =
  /\.(eqz|clz|ctz|popcnt|abs|neg|ceil|floor|nearest|sqrt)$|\.(trunc|convert|wrap|extend|demote|promote|reinterpret)/;
const NUMERIC = /^[if](32|64)\./;
/** How many values other instructions take and give. */
const EFFECTS: Readonly<Record<string, readonly [number, number]>> = {
  drop: [1, 0],
  select: [3, 1],
  "global.get": [0, 1],
  "global.set": [1, 0],
  "memory.size": [0, 1],
  "memory.copy": [3, 0],
  "memory.fill": [3, 0],
  br_if: [1, 0],
  br_table: [1, 0],
  if: [1, 0],
};

/**
 * For each instruction that is a store, the value its address is; stores with the same text store relative to the same
 * address, and whoever reaches a later one has passed the first.
 */
export function findAddresses(module: Module, { instructions }: Body): readonly Value[] {
  const versions = new Map<number, number>();
  let stack: Value[] = [];
  /** Counts places where control may arrive from elsewhere. */
  let region = 0;
  const nameOf = (local: number): string => `${region} ${local} ${versions.get(local) ?? 0}`;

  return instructions.map(({ opcode, operand = 0 }) => {
    const name = OPCODES.get(opcode)?.name ?? "";
    if (opcode === OP.loop || opcode === OP.else || opcode === OP.end) {
      region += 1;
      stack = [];
      return undefined;
    }
    if (opcode === OP.localGet) return void stack.push(nameOf(operand));
    if (opcode === OP.localSet || opcode === OP.localTee) {
      stack.pop();
      versions.set(operand, (versions.get(operand) ?? 0) + 1);
      if (opcode === OP.localTee) stack.push(nameOf(operand));
      return undefined;
    }
    const isStore = /^[if](32|64)\.store/.test(name);
    const address = isStore ? stack.at(-2) : undefined;
    const [takes, gives] = effectOf(module, opcode, operand, name);
    stack.length = Math.max(0, stack.length - takes);
    for (let index = 0; index < gives; index += 1) stack.push(undefined);
    return address;
  });
}

function effectOf(module: Module, opcode: number, operand: number, name: string): readonly [number, number] {
  if (opcode === OP.call || opcode === OP.callIndirect) {
    const type = module.types[opcode === OP.call ? typeOf(module, operand) : operand]!;
    return [type.params.length + (opcode === OP.callIndirect ? 1 : 0), type.results.length];
  }
  if (!NUMERIC.test(name)) return EFFECTS[name] ?? [0, 0];
  if (name.endsWith(".const")) return [0, 1];
  if (name.includes(".load")) return [1, 1];
  if (name.includes(".store")) return [2, 0];
  return ONE_OPERAND.test(name) ? [1, 1] : [2, 1];
}

function typeOf(module: Module, index: number): number {
  const imports = module.imports.filter((from) => from.kind === KIND.function);
  const imported = imports[index];
  return imported === undefined ? module.functions[index - imports.length]! : imported.type;
}
