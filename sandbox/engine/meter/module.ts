/**
 * What does a wasm module say of itself? Its sections as values, read strictly and written again. Only what a build of
 * the engine contains is understood; anything else stops the build instead of being passed over.
 */
import { concat, list, name, readAll, Reader, s32, sized, u32 } from "./bytes.ts";

export const KIND = { function: 0, table: 1, memory: 2, global: 3 } as const;
export const VALUE_TYPE = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c } as const;

export interface FunctionType {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

export type Import = { readonly module: string; readonly name: string } & (
  | { readonly kind: typeof KIND.function; readonly type: number }
  | { readonly kind: typeof KIND.memory; readonly minimum: number; readonly maximum: number | undefined }
);

/** A global of type i32 with a constant for its initial value. */
export interface Global {
  readonly isMutable: boolean;
  readonly initial: number;
}

export interface Export {
  readonly name: string;
  readonly kind: number;
  readonly index: number;
}

/** Functions put into the table at a constant offset. */
export interface Elements {
  readonly offset: number;
  readonly functions: readonly number[];
}

/** Bytes put into memory at a constant address. */
export interface Data {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export interface Module {
  readonly types: readonly FunctionType[];
  readonly imports: readonly Import[];
  /** The type of each function of the module's own. */
  readonly functions: readonly number[];
  /** As it stands in the file. */
  readonly tables: Uint8Array;
  readonly globals: readonly Global[];
  readonly exports: readonly Export[];
  readonly start: number | undefined;
  readonly elements: readonly Elements[];
  /** Bodies of the module's own functions, without their lengths. */
  readonly code: readonly Uint8Array[];
  readonly data: readonly Data[];
}

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00] as const;
const SECTION = {
  custom: 0,
  types: 1,
  imports: 2,
  functions: 3,
  tables: 4,
  globals: 6,
  exports: 7,
  start: 8,
  elements: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;
const FUNCTION_TYPE = 0x60;
const I32_CONST = 0x41;
const END = 0x0b;
const HAS_MAXIMUM = 1;

function refuse(what: string): never {
  throw new Error(`Cannot meter the engine: it has ${what}, which no build of it had. Teach module.ts about it first.`);
}

/** @throws Error for anything that is not understood completely. */
export function readModule(wasm: Uint8Array): Module {
  const sections = readSections(wasm);
  const read = <Item>(id: number, item: (reader: Reader) => Item): Item[] => {
    const bytes = sections.get(id);
    return bytes === undefined ? [] : readAll(bytes, `section ${id}`, (reader) => reader.list(() => item(reader)));
  };
  const start = sections.get(SECTION.start);
  const module = {
    types: read(SECTION.types, readType),
    imports: read(SECTION.imports, readImport),
    functions: read(SECTION.functions, (reader) => reader.u32()),
    tables: sections.get(SECTION.tables) ?? Uint8Array.of(0),
    globals: read(SECTION.globals, readGlobal),
    exports: read(SECTION.exports, (reader) => ({ name: reader.name(), kind: reader.byte(), index: reader.u32() })),
    start: start && readAll(start, "the start section", (reader) => reader.u32()),
    elements: read(SECTION.elements, readElements),
    code: read(SECTION.code, (reader) => reader.take(reader.u32())),
    data: read(SECTION.data, readData),
  };
  if (module.code.length !== module.functions.length) refuse("functions without a body");
  return module;
}

function readSections(wasm: Uint8Array): Map<number, Uint8Array> {
  const known: readonly number[] = Object.values(SECTION);
  const reader = new Reader(wasm);
  if (reader.take(HEADER.length).some((byte, index) => byte !== HEADER[index])) refuse("another header");
  const sections = new Map<number, Uint8Array>();
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const bytes = reader.take(reader.u32());
    // Names and producers: nothing of them runs, and what they say of the code is no longer true afterwards.
    if (id === SECTION.custom) continue;
    if (!known.includes(id)) refuse(`a section ${id}`);
    if (sections.has(id)) refuse(`two sections ${id}`);
    sections.set(id, bytes);
  }
  return sections;
}

function readType(reader: Reader): FunctionType {
  if (reader.byte() !== FUNCTION_TYPE) refuse("a type that is not a function's");
  return { params: reader.list(() => reader.byte()), results: reader.list(() => reader.byte()) };
}

function readImport(reader: Reader): Import {
  const from = { module: reader.name(), name: reader.name() };
  const kind = reader.byte();
  if (kind === KIND.function) return { ...from, kind, type: reader.u32() };
  if (kind !== KIND.memory) return refuse(`an import of kind ${kind}`);
  const flags = reader.byte();
  if (flags > HAS_MAXIMUM) refuse("a shared or 64-bit memory");
  return { ...from, kind, minimum: reader.u32(), maximum: flags === HAS_MAXIMUM ? reader.u32() : undefined };
}

function readConstant(reader: Reader): number {
  if (reader.byte() !== I32_CONST) refuse("a computed initial value");
  const value = reader.s32();
  if (reader.byte() !== END) refuse("a computed initial value");
  return value;
}

function readGlobal(reader: Reader): Global {
  if (reader.byte() !== VALUE_TYPE.i32) refuse("a global that is not an i32");
  return { isMutable: reader.byte() === 1, initial: readConstant(reader) };
}

function readElements(reader: Reader): Elements {
  if (reader.u32() !== 0) refuse("elements that are not plain functions");
  return { offset: readConstant(reader), functions: reader.list(() => reader.u32()) };
}

function readData(reader: Reader): Data {
  if (reader.u32() !== 0) refuse("data that is not placed at the start");
  return { address: readConstant(reader), bytes: reader.take(reader.u32()) };
}

export function writeModule(module: Module): Uint8Array {
  const section = (id: number, content: Uint8Array) => concat([[id], sized(content)]);
  const constant = (value: number) => [I32_CONST, ...s32(value), END];
  return concat([
    HEADER,
    section(SECTION.types, list(module.types.map(writeType))),
    section(SECTION.imports, list(module.imports.map(writeImport))),
    section(SECTION.functions, list(module.functions.map(u32))),
    section(SECTION.tables, module.tables),
    section(
      SECTION.globals,
      list(module.globals.map(({ isMutable, initial }) => [VALUE_TYPE.i32, isMutable ? 1 : 0, ...constant(initial)])),
    ),
    section(
      SECTION.exports,
      list(module.exports.map((exported) => [...name(exported.name), exported.kind, ...u32(exported.index)])),
    ),
    ...(module.start === undefined ? [] : [section(SECTION.start, Uint8Array.from(u32(module.start)))]),
    section(
      SECTION.elements,
      list(module.elements.map((part) => concat([[0], constant(part.offset), list(part.functions.map(u32))]))),
    ),
    section(SECTION.dataCount, Uint8Array.from(u32(module.data.length))),
    section(SECTION.code, list(module.code.map(sized))),
    section(SECTION.data, list(module.data.map((part) => concat([[0], constant(part.address), sized(part.bytes)])))),
  ]);
}

function writeType({ params, results }: FunctionType): Uint8Array {
  return concat([[FUNCTION_TYPE], list(params.map((type) => [type])), list(results.map((type) => [type]))]);
}

function writeImport(imported: Import): Uint8Array {
  const from = [...name(imported.module), ...name(imported.name), imported.kind];
  if (imported.kind === KIND.function) return concat([from, u32(imported.type)]);
  const { minimum, maximum } = imported;
  const limits = maximum === undefined ? [0, ...u32(minimum)] : [HAS_MAXIMUM, ...u32(minimum), ...u32(maximum)];
  return concat([from, limits]);
}
