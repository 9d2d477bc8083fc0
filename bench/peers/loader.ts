/** Worker Loader: a stub and an entrypoint for each call, since they belong to one request. */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { Call, Fixture } from "../engine/contender.ts";

export interface Loader {
  get(
    id: string,
    load: () => {
      compatibilityDate: string;
      mainModule: string;
      modules: Record<string, { js: string }>;
      globalOutbound: null;
      limits?: object;
      env?: object;
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

/** What EmDash gives its isolates to call back. */
export class Bridge extends WorkerEntrypoint {
  get(key: string): string {
    return key;
  }
}

/** The host's own exports, as bindings. */
export interface Exports {
  Bridge(options: { props: object }): unknown;
}

const WALL_MS = 30_000;

/** As EmDash calls it: limits, a bridge of its own for each request, and a timer beside. */
export function emdash(loader: Loader, exports: Exports, fixture: Fixture): Call {
  return async (input) => {
    const bridge = exports.Bridge({ props: { pluginId: "bench", capabilities: ["content:read"], allowedHosts: [] } });
    const code = () => ({ ...toCode(fixture), limits: { cpuMs: 50, subRequests: 10 }, env: { BRIDGE: bridge } });
    const entrypoint = loader.get(`emdash-${fixture.size}`, code).getEntrypoint("default");
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("too late")), WALL_MS);
    });
    try {
      return JSON.stringify(await Promise.race([entrypoint.invoke("main", JSON.parse(input)), late]));
    } finally {
      clearTimeout(timer);
    }
  };
}

/** A new isolate each time. */
export function cold(loader: Loader, fixture: Fixture): Call {
  return async (input) => {
    const entrypoint = loader.get(`cold-${(isolates += 1)}`, () => toCode(fixture)).getEntrypoint("default");
    return JSON.stringify(await entrypoint.invoke("main", JSON.parse(input)));
  };
}
