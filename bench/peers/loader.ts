/** Worker Loader, as EmDash calls it: a stub and an entrypoint for each call, since they belong to one request. */
import type { Call, Fixture } from "../engine/contender.ts";

export interface Loader {
  get(
    id: string,
    load: () => {
      compatibilityDate: string;
      mainModule: string;
      modules: Record<string, { js: string }>;
      globalOutbound: null;
    },
  ): { getEntrypoint(name: "default"): { invoke(name: string, input: unknown): Promise<unknown> } };
}

const WRAPPER = `
import { WorkerEntrypoint } from "cloudflare:workers";
import { main } from "./plugin.js";
export default class extends WorkerEntrypoint { invoke(name, input) { return main(input); } }`;

let isolates = 0;

function toCode({ source }: Fixture) {
  return {
    compatibilityDate: "2026-08-15",
    mainModule: "main.js",
    modules: { "main.js": { js: WRAPPER }, "plugin.js": { js: source } },
    globalOutbound: null,
  };
}

/** An isolate that is there already. */
export function warm(loader: Loader, fixture: Fixture): Call {
  return async (input) => {
    const entrypoint = loader.get(`warm-${fixture.size}`, () => toCode(fixture)).getEntrypoint("default");
    return JSON.stringify(await entrypoint.invoke("main", JSON.parse(input)));
  };
}

/** A new isolate each time. */
export function cold(loader: Loader, fixture: Fixture): Call {
  return async (input) => {
    const entrypoint = loader.get(`cold-${(isolates += 1)}`, () => toCode(fixture)).getEntrypoint("default");
    return JSON.stringify(await entrypoint.invoke("main", JSON.parse(input)));
  };
}
