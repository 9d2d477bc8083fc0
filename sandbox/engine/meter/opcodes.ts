/**
 * Which instructions may the engine consist of, and how long is each? A closed list of what was looked at: the numeric
 * and control instructions of the first wasm version, sign extension, saturating conversion, and the two bulk moves
 * that the meter charges. Whatever is not listed stops the build, because nobody has said what it costs.
 */

/** What follows an opcode. */
export type Immediates =
  | "none"
  | "block type"
  | "index"
  | "two indices"
  | "labels"
  | "memory argument"
  | "i32"
  | "i64"
  | "4 bytes"
  | "8 bytes";

export interface Opcode {
  readonly name: string;
  readonly immediates: Immediates;
}

/** Prefix of the two-part opcodes, which are kept as `0xfc00 | second part`. */
export const BULK_PREFIX = 0xfc;

export const OP = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  brTable: 0x0e,
  call: 0x10,
  callIndirect: 0x11,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Store8: 0x3a,
  memorySize: 0x3f,
  i32Const: 0x41,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtS: 0x4a,
  i32GtU: 0x4b,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32ShrU: 0x76,
  memoryCopy: 0xfc0a,
  memoryFill: 0xfc0b,
} as const;

const FIRST_PLAIN = 0x45;
/** 0x45 to 0xc4: comparisons, arithmetic, conversions, sign extension. They take and give numbers of fixed size. */
const PLAIN = `
  i32.eqz i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u
  i64.eqz i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u i64.ge_s i64.ge_u
  f32.eq f32.ne f32.lt f32.gt f32.le f32.ge f64.eq f64.ne f64.lt f64.gt f64.le f64.ge
  i32.clz i32.ctz i32.popcnt i32.add i32.sub i32.mul i32.div_s i32.div_u i32.rem_s i32.rem_u
  i32.and i32.or i32.xor i32.shl i32.shr_s i32.shr_u i32.rotl i32.rotr
  i64.clz i64.ctz i64.popcnt i64.add i64.sub i64.mul i64.div_s i64.div_u i64.rem_s i64.rem_u
  i64.and i64.or i64.xor i64.shl i64.shr_s i64.shr_u i64.rotl i64.rotr
  f32.abs f32.neg f32.ceil f32.floor f32.trunc f32.nearest f32.sqrt
  f32.add f32.sub f32.mul f32.div f32.min f32.max f32.copysign
  f64.abs f64.neg f64.ceil f64.floor f64.trunc f64.nearest f64.sqrt
  f64.add f64.sub f64.mul f64.div f64.min f64.max f64.copysign
  i32.wrap_i64 i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u
  i64.extend_i32_s i64.extend_i32_u i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u
  f32.convert_i32_s f32.convert_i32_u f32.convert_i64_s f32.convert_i64_u f32.demote_f64
  f64.convert_i32_s f64.convert_i32_u f64.convert_i64_s f64.convert_i64_u f64.promote_f32
  i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64
  i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s`
  .trim()
  .split(/\s+/);

const FIRST_MEMORY = 0x28;
/** 0x28 to 0x3e: loads and stores, of eight bytes at most. */
const MEMORY = `
  i32.load i64.load f32.load f64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u
  i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u
  i32.store i64.store f32.store f64.store i32.store8 i32.store16 i64.store8 i64.store16 i64.store32`
  .trim()
  .split(/\s+/);

const FIRST_SATURATING = BULK_PREFIX * 0x100;
/** 0xfc 0 to 0xfc 7. */
const SATURATING = `
  i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u
  i64.trunc_sat_f32_s i64.trunc_sat_f32_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u`
  .trim()
  .split(/\s+/);

const OTHERS: readonly (readonly [number, string, Immediates])[] = [
  [OP.unreachable, "unreachable", "none"],
  [0x01, "nop", "none"],
  [OP.block, "block", "block type"],
  [OP.loop, "loop", "block type"],
  [OP.if, "if", "block type"],
  [OP.else, "else", "none"],
  [OP.end, "end", "none"],
  [0x0c, "br", "index"],
  [0x0d, "br_if", "index"],
  [OP.brTable, "br_table", "labels"],
  [0x0f, "return", "none"],
  [OP.call, "call", "index"],
  [OP.callIndirect, "call_indirect", "two indices"],
  [0x1a, "drop", "none"],
  [0x1b, "select", "none"],
  [OP.localGet, "local.get", "index"],
  [OP.localSet, "local.set", "index"],
  [OP.localTee, "local.tee", "index"],
  [OP.globalGet, "global.get", "index"],
  [OP.globalSet, "global.set", "index"],
  [OP.memorySize, "memory.size", "index"],
  [OP.i32Const, "i32.const", "i32"],
  [0x42, "i64.const", "i64"],
  [0x43, "f32.const", "4 bytes"],
  [0x44, "f64.const", "8 bytes"],
  [OP.memoryCopy, "memory.copy", "two indices"],
  [OP.memoryFill, "memory.fill", "index"],
];

const row = (first: number, immediates: Immediates) => (name: string, index: number) =>
  [first + index, { name, immediates }] as const;

export const OPCODES: ReadonlyMap<number, Opcode> = new Map<number, Opcode>([
  ...OTHERS.map(([code, name, immediates]) => [code, { name, immediates }] as const),
  ...PLAIN.map(row(FIRST_PLAIN, "none")),
  ...MEMORY.map(row(FIRST_MEMORY, "memory argument")),
  ...SATURATING.map(row(FIRST_SATURATING, "none")),
]);

/** Known, and left out on purpose: each moves or makes an unbounded amount, or repeats without looping. */
export const REFUSED: ReadonlyMap<number, string> = new Map([
  [0x12, "return_call"],
  [0x13, "return_call_indirect"],
  [0x40, "memory.grow"],
  [0xfc08, "memory.init"],
  [0xfc0c, "table.init"],
  [0xfc0e, "table.copy"],
  [0xfc0f, "table.grow"],
  [0xfc11, "table.fill"],
  [0xfd, "a vector instruction"],
  [0xfe, "an atomic instruction"],
]);
