/** quickjs-wasi: a snapshot laid over the same instance before each call. */
import { QuickJS, type JSValueHandle } from "quickjs-wasi";
import wasm from "quickjs-wasi/quickjs.wasm";
import type { Call, Contender, Fixture } from "../engine/contender.ts";

/** What restoring in place needs and the package keeps to itself. */
interface Inside {
  readonly exports: { readonly memory: WebAssembly.Memory; readonly __stack_pointer: WebAssembly.Global<"i32"> };
}

async function open({ script }: Fixture): Promise<{ vm: QuickJS; answer: JSValueHandle }> {
  const vm = await QuickJS.create({ wasm, timezoneOffset: 0 });
  vm.evalCode(`${script}\nglobalThis.answer=(text)=>JSON.stringify(bundle.main(JSON.parse(text)));0`).dispose();
  return { vm, answer: vm.global.getProp("answer") };
}

function ask(vm: QuickJS, answer: JSValueHandle, input: string): string {
  const argument = vm.newString(input);
  const result = vm.callFunction(answer, vm.undefined, argument);
  const text = result.toString();
  result.dispose();
  argument.dispose();
  return text;
}

export const kept: Contender = async (fixture): Promise<Call> => {
  const { vm, answer } = await open(fixture);
  return (input) => ask(vm, answer, input);
};

export const restored: Contender = async (fixture): Promise<Call> => {
  const { vm, answer } = await open(fixture);
  ask(vm, answer, '{"title":"warm","text":"","days":1}');
  const { exports } = vm as unknown as Inside;
  const image = vm.snapshot();
  const end = image.memory.findLastIndex((byte) => byte !== 0) + 1;
  const kept = image.memory.subarray(0, end);
  return (input) => {
    const bytes = new Uint8Array(exports.memory.buffer);
    bytes.set(kept);
    // What a call leaves above the image: as much as this fixture ever used.
    bytes.fill(0, end, Math.min(bytes.length, end + 65_536));
    exports.__stack_pointer.value = image.stackPointer;
    return ask(vm, answer, input);
  };
};
