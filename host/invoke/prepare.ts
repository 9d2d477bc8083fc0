/**
 * When is the image of a plugin made? When it goes live, after the response; and by the clock, for live plugins that have
 * none since the engine was built anew. Whether it works decides nothing: without an image the first entry evaluates.
 */
import type { Services } from "../services.ts";
import { EVALUATION_LIMITS } from "./budgets.ts";
import { describeFailure } from "./failure.ts";
import type { PluginVersion } from "./program.ts";
import type { SessionParts } from "./session.ts";

type PrepareParts = Pick<SessionParts, "services" | "sandbox" | "programs">;

/** Makes and stores the image of a plugin, where there is none. Never throws. */
export async function prepareImage(
  { services, sandbox: { prepare }, programs }: PrepareParts,
  plugin: PluginVersion,
): Promise<void> {
  try {
    const prepared = await prepare(await programs.read(plugin), EVALUATION_LIMITS);
    if (!prepared.ok) warn(services, plugin, describeFailure(prepared.failure));
  } catch (error) {
    warn(services, plugin, String(error));
  }
}

/** Plugins one tick looks at, by plan: evaluating one takes 10 ms and more. */
const PER_TICK = { free: 1, paid: 5 } as const;

/** Makes missing images of live plugins, a few at each call. What was looked at is remembered for as long as the isolate lives. */
export function createPreparer(parts: PrepareParts & Pick<SessionParts, "registry">): () => Promise<void> {
  const { services, registry } = parts;
  const seen = new Set<string>();
  return async () => {
    const { plugins } = await registry.current();
    const unseen = [...plugins.values()].filter((plugin) => !seen.has(plugin.digest));
    for (const plugin of unseen.slice(0, PER_TICK[services.plan])) {
      seen.add(plugin.digest);
      await prepareImage(parts, plugin);
    }
    await services.images.flush();
  };
}

function warn(services: Services, plugin: PluginVersion, reason: string): void {
  services.log("warn", "image not made", { plugin: plugin.id, reason });
}
