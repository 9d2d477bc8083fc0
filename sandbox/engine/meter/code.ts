/**
 * What does a function consist of? Its body as a list of instructions, each with its bytes, so that a pass copies what
 * it does not change. Every byte is accounted for: an unknown opcode stops the build.
 */
import { Reader } from "./bytes.ts";
import { BULK_PREFIX, OP, OPCODES, REFUSED, type Immediates } from "./opcodes.ts";

export interface Instruction {
  readonly opcode: number;
  /** The instruction as it stands in the file. */
  readonly bytes: Uint8Array;
  /** The first immediate, if it is a number: an index or a constant. */
  readonly operand: number | undefined;
}

export interface Body {
  /** The declaration of the locals as it stands in the file. */
  readonly locals: Uint8Array;
  /** The last one is the function's own `end`. */
  readonly instructions: readonly Instruction[];
}

const MULTI_MEMORY_FLAG = 0x40;

/** @throws Error at the first byte nobody has accounted for. */
export function readBody(bytes: Uint8Array): Body {
  const reader = new Reader(bytes);
  reader.list(() => [reader.u32(), reader.byte()]);
  const locals = bytes.subarray(0, reader.position);
  const instructions: Instruction[] = [];
  let depth = 1;
  while (depth > 0) {
    const instruction = readInstruction(reader);
    instructions.push(instruction);
    const { opcode } = instruction;
    if (opcode === OP.block || opcode === OP.loop || opcode === OP.if) depth += 1;
    if (opcode === OP.end) depth -= 1;
  }
  if (!reader.isAtEnd) throw new Error("Cannot read the wasm: a function goes on after its end.");
  return { locals, instructions };
}

function readInstruction(reader: Reader): Instruction {
  const start = reader.position;
  const first = reader.byte();
  const opcode = first === BULK_PREFIX ? first * 0x100 + reader.u32() : first;
  const known = OPCODES.get(opcode);
  // SECURITY: what nobody has priced never becomes part of the engine (tests/sandbox/build-meter.test.ts).
  if (known === undefined) {
    const named = REFUSED.get(opcode) ?? "an opcode the meter does not know";
    throw new Error(
      `Cannot meter the engine: 0x${opcode.toString(16)} at byte ${start} is ${named}. Decide what it costs, then list it in opcodes.ts.`,
    );
  }
  const operand = readImmediates(reader, known.immediates);
  return { opcode, operand, bytes: reader.bytes.subarray(start, reader.position) };
}

function readImmediates(reader: Reader, immediates: Immediates): number | undefined {
  switch (immediates) {
    case "none":
      return undefined;
    case "block type":
      return reader.s33();
    case "index":
      return reader.u32();
    case "two indices": {
      const first = reader.u32();
      reader.u32();
      return first;
    }
    case "labels":
      reader.list(() => reader.u32());
      reader.u32();
      return undefined;
    case "memory argument": {
      if (reader.u32() >= MULTI_MEMORY_FLAG) throw new Error("Cannot meter the engine: it has more than one memory.");
      return reader.u32();
    }
    case "i32":
      return reader.s32();
    case "i64":
      reader.s64();
      return undefined;
    case "4 bytes":
      reader.take(4);
      return undefined;
    case "8 bytes":
      reader.take(8);
      return undefined;
  }
}
