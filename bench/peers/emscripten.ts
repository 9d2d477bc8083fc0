/** quickjs-emscripten as its README shows, on the engine its README starts with and on the one this project uses. */
import ng from "@jitl/quickjs-ng-wasmfile-release-sync";
import ngWasm from "@jitl/quickjs-ng-wasmfile-release-sync/wasm";
import bellardWasm from "@jitl/quickjs-wasmfile-release-sync/wasm";
import { newQuickJSWASMModule, newVariant, RELEASE_SYNC, type QuickJSContext } from "quickjs-emscripten";
import type { Call, Contender } from "../engine/contender.ts";

const VARIANTS = {
  bellard: newVariant(RELEASE_SYNC, { wasmModule: bellardWasm }),
  ng: newVariant(ng, { wasmModule: ngWasm }),
};
type VariantName = keyof typeof VARIANTS;

function evaluate(vm: QuickJSContext, code: string): string {
  const result = vm.unwrapResult(vm.evalCode(code));
  const text = vm.getString(result);
  result.dispose();
  return text;
}

/** A new runtime and context for each call, disposed of afterwards. */
export function fresh(variant: VariantName): Contender {
  return async (fixture) => {
    const quickJs = await newQuickJSWASMModule(VARIANTS[variant]);
    return (input) => {
      const vm = quickJs.newContext();
      const text = evaluate(vm, `${fixture.script}\nJSON.stringify(bundle.main(${input}))`);
      vm.dispose();
      return text;
    };
  };
}

/** One context for all calls. */
export function kept(variant: VariantName): Contender {
  return async (fixture): Promise<Call> => {
    const quickJs = await newQuickJSWASMModule(VARIANTS[variant]);
    const vm = quickJs.newContext();
    evaluate(vm, `${fixture.script}\nglobalThis.answer=(text)=>JSON.stringify(bundle.main(JSON.parse(text)));""`);
    const answer = vm.getProp(vm.global, "answer");
    return (input) => {
      const argument = vm.newString(input);
      const result = vm.unwrapResult(vm.callFunction(answer, vm.undefined, argument));
      const text = vm.getString(result);
      result.dispose();
      argument.dispose();
      return text;
    };
  };
}
