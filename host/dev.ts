/**
 * The local Worker: `index.ts`, but requests to the names in LOOPBACK_HOSTS go to servers on this machine, so that the
 * main job runs without accounts or keys. The network rules have passed the request before; the deployed Worker holds
 * none of this.
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { Env, Fetch } from "./services.ts";
import type { ScheduleKey } from "./store/d1/schedules.ts";
import { createWorker } from "./worker.ts";

interface LocalEnv extends Env {
  /** JSON: host name to `http://127.0.0.1:<port>`. */
  readonly LOOPBACK_HOSTS?: string;
}

function createLoopbackFetch(hosts: Readonly<Record<string, string>>): Fetch {
  return (request) => {
    const { hostname, pathname, search } = new URL(request.url);
    const target = Object.hasOwn(hosts, hostname) ? hosts[hostname] : undefined;
    return fetch(target === undefined ? request : new Request(`${target}${pathname}${search}`, request));
  };
}

const { runDue, ...handlers } = createWorker<LocalEnv>(
  (env) => ({ fetch: createLoopbackFetch(JSON.parse(env.LOOPBACK_HOSTS ?? "{}") as Record<string, string>) }),
  { runs: "apart" },
);

export default handlers;

/** As in `index.ts`. */
export class ScheduleRuns extends WorkerEntrypoint<LocalEnv> {
  run(key: ScheduleKey): Promise<void> {
    return runDue(this.env, key);
  }
}
