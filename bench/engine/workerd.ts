/**
 * How is a Worker run for a measurement? workerd itself, without a proxy in front: one process, one Worker, one port. Its
 * clock ticks in milliseconds and, unlike in production, goes on while code runs.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { WorkerCode } from "./worker-code.ts";

export interface Workerd {
  /** The answer of the Worker, as JSON; throws when it is not one. */
  ask<Answer>(path: string, body?: unknown): Promise<Answer>;
  /** Resident memory of the process in MiB. */
  residentMib(): Promise<number>;
  /** Milliseconds of CPU the process has used so far, all threads. */
  cpuMs(): Promise<number>;
  close(): Promise<void>;
}

const COMPATIBILITY_DATE = "2026-08-15";
const NS_PER_MS = 1_000_000;
const KIB_PER_MIB = 1_024;

/**
 * @param v8Flags of V8, e.g. `--max-semi-space-size=1`; default: none, as in production.
 * @returns once the port is open.
 */
export async function startWorkerd({ main, wasm }: WorkerCode, v8Flags: readonly string[] = []): Promise<Workerd> {
  const folder = await mkdtemp(join(tmpdir(), "bulkhead-workerd-"));
  await writeFile(join(folder, "main.js"), main);
  await Promise.all(Object.entries(wasm).map(([name, bytes]) => writeFile(join(folder, name), bytes)));
  await writeFile(join(folder, "config.capnp"), toConfig(Object.keys(wasm), v8Flags));

  const { default: binary } = createRequire(createRequire(import.meta.url).resolve("wrangler"))("workerd") as {
    default: string;
  };
  const child = spawn(binary, ["serve", "--experimental", "--control-fd=3", "config.capnp"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  let complaints = "";
  child.stderr!.on("data", (data: Buffer) => (complaints = (complaints + data.toString()).slice(-4_000)));
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const port = await Promise.race([readPort(child.stdio[3] as Readable), exited.then(() => undefined)]);
  if (port === undefined) throw new Error(`workerd did not start:\n${complaints}`);

  return {
    async ask<Answer>(path: string, body?: unknown) {
      const init = body === undefined ? {} : { method: "POST", body: toBody(body) };
      try {
        const response = await fetch(`http://127.0.0.1:${port}/${path}`, init);
        const text = await response.text();
        if (!response.ok) throw new Error(`${response.status} ${text}`);
        return JSON.parse(text) as Answer;
      } catch (error) {
        throw new Error(`The Worker did not answer /${path}. ${complaints}`, { cause: error });
      }
    },
    async residentMib() {
      const status = await readFile(`/proc/${child.pid}/status`, "utf8");
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / KIB_PER_MIB;
    },
    async cpuMs() {
      const threads = await readdir(`/proc/${child.pid}/task`);
      const each = threads.map((thread) => readFile(`/proc/${child.pid}/task/${thread}/schedstat`, "utf8"));
      return (await Promise.all(each)).reduce((sum, text) => sum + Number(text.split(" ")[0]), 0) / NS_PER_MS;
    },
    async close() {
      // A Worker that is held by an attack hears nothing softer.
      child.kill("SIGKILL");
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function toBody(body: unknown): string | Uint8Array<ArrayBuffer> {
  return body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body);
}

function toConfig(wasm: readonly string[], v8Flags: readonly string[]): string {
  const modules = wasm.map((name) => `, (name = "${name}", wasm = embed "${name}")`).join("");
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  v8Flags = ${JSON.stringify(v8Flags)},
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "main.js", esModule = embed "main.js")${modules}],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  bindings = [(name = "LOADER", workerLoader = (id = "loader"))],
);
`;
}

function readPort(control: Readable): Promise<number> {
  return new Promise((resolve) => {
    let text = "";
    control.on("data", (data: Buffer) => {
      text += data.toString();
      const port = /"port":(\d+)/.exec(text)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
}
