/** What does the hourly minute forget? Old records, and runs that a stopped Worker left behind. It needs a clock of its own. */
import { createExecutionContext, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { createWorker } from "../../host/worker.ts";
import { callRoute, install, invocations, rows } from "./client.ts";
import { sketch } from "./plugins.ts";

beforeEach(() => target.reset());

async function tickAt(now: Date): Promise<void> {
  const worker = createWorker<Cloudflare.Env>(() => ({ now: () => now, log: () => {} }));
  await worker.scheduled!(createScheduledController(), env, createExecutionContext());
}

/** The next full hour, some days from now, and the minute after it. */
function inDays(days: number, minute: number): Date {
  const at = new Date(Date.now() + days * 86_400_000);
  at.setUTCMinutes(minute, 0, 0);
  return at;
}

describe("the hourly minute", () => {
  it("forgets invocations and logs after thirty days, at the full hour only", async () => {
    await install(sketch("old", { routes: { hi: `(_, ctx) => ctx.log.info("hi")` } }));
    await callRoute("old", "hi");
    await invocations("old", 1);
    const counts = () =>
      rows("SELECT (SELECT count(*) FROM _host_invocations) AS i, (SELECT count(*) FROM _host_logs) AS l");
    await tickAt(inDays(29, 0));
    await tickAt(inDays(32, 1));
    expect(await counts()).toEqual([{ i: 1, l: 1 }]);
    await tickAt(inDays(32, 0));
    expect(await counts()).toEqual([{ i: 0, l: 0 }]);
  });

  it("keeps a run that was late by years: it was made just now", async () => {
    await install(
      sketch("late", {
        hooks: { cron: `() => {}` },
        manifest: { bulkhead: { schedules: [{ name: "daily", cron: "0 6 * * *" }] } },
      }),
    );
    await env.DB.prepare("UPDATE _host_schedules SET next_run_at = '2020-01-01T00:00:00.000Z'").run();
    await tickAt(inDays(0, 0));
    expect(await rows("SELECT status FROM _host_runs")).toEqual([{ status: "ok" }]);
  });

  it("ends runs that nobody will end any more, and leaves those that may still be under way", async () => {
    const run = (id: string, startedAt: Date) =>
      env.DB.prepare(
        "INSERT INTO _host_runs (id, plugin_id, version, schedule, status, due_at, started_at) VALUES (?, 'x', '1', 's', 'running', ?2, ?2)",
      )
        .bind(id, startedAt.toISOString())
        .run();
    const now = inDays(0, 0);
    await run("dead", new Date(now.getTime() - 3 * 3_600_000));
    await run("alive", new Date(now.getTime() - 60_000));
    await tickAt(now);
    expect(await rows("SELECT id, status, error FROM _host_runs ORDER BY id")).toEqual([
      { id: "alive", status: "running", error: null },
      { id: "dead", status: "crashed", error: "The Worker stopped during this run." },
    ]);
  });
});
