/** How does a test run the plugin? Through its default export, as the host does. */
import type { SandboxedPlugin } from "@bulkhead/sdk";
import exported from "../../plugins/auto-blog-seo/src/index.ts";
import type { Context } from "./context.ts";

const plugin: SandboxedPlugin = exported;

/** An occurrence of the schedule. */
export const AT = "2026-03-01T06:00:00.000Z";

/** Runs the schedule once; rejects where the run would show as failed. */
export async function runSchedule({ ctx }: Context, scheduledAt: string = AT): Promise<void> {
  const cron = plugin.hooks?.cron;
  const handler = typeof cron === "function" ? cron : cron?.handler;
  await handler?.({ name: "generate", scheduledAt }, ctx);
}

/** The message with which a run fails. */
export async function failureOf(context: Context, scheduledAt: string = AT): Promise<string> {
  const failure = await runSchedule(context, scheduledAt).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (failure === undefined) throw new Error("The run was expected to fail, and it ended well");
  return failure;
}

/** Calls a route. */
export async function callRoute(name: "admin" | "status", { ctx }: Context, input: unknown = {}): Promise<unknown> {
  const entry = plugin.routes?.[name];
  const handler = typeof entry === "function" ? entry : entry?.handler;
  return handler?.({ input, request: { url: "https://blog.example/", method: "POST", headers: {} } }, ctx);
}
