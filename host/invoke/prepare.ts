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

/** Makes and stores the image of a plugin, where there is none; answers whether it did. Never throws. */
export async function prepareImage(
  { services, sandbox: { prepare }, programs }: PrepareParts,
  plugin: PluginVersion,
): Promise<boolean> {
  try {
    const prepared = await prepare(await programs.read(plugin), EVALUATION_LIMITS);
    if (prepared.ok) return prepared.made;
    warn(services, plugin, describeFailure(prepared.failure));
  } catch (error) {
    warn(services, plugin, String(error));
  }
  return true;
}

/** Images one tick makes, by plan: evaluating a bundle takes 10 ms and more. */
const MADE_PER_TICK = { free: 1, paid: 5 } as const;
/** Plugins one tick looks at: reading and checking an image that is there takes a millisecond. */
const LOOKS_PER_TICK = { free: 3, paid: 20 } as const;
const MINUTE_MS = 60_000;

/**
 * Makes missing images of live plugins, a few at each call. What was looked at is remembered for as long as the isolate
 * lives; since that is often one tick alone, each minute begins at another plugin.
 */
export function createPreparer(parts: PrepareParts & Pick<SessionParts, "registry">): () => Promise<void> {
  const { services, registry } = parts;
  const seen = new Set<string>();
  return async () => {
    const { plugins } = await registry.current();
    const unseen = [...plugins.values()].filter((plugin) => !seen.has(plugin.digest));
    const looks = Math.min(LOOKS_PER_TICK[services.plan], unseen.length);
    const first = Math.floor(services.now().getTime() / MINUTE_MS) * looks;
    let made = 0;
    for (let look = 0; look < looks && made < MADE_PER_TICK[services.plan]; look += 1) {
      const plugin = unseen[(first + look) % unseen.length]!;
      seen.add(plugin.digest);
      if (await prepareImage(parts, plugin)) made += 1;
    }
    await services.images.flush();
  };
}

function warn(services: Services, plugin: PluginVersion, reason: string): void {
  services.log("warn", "image not made", { plugin: plugin.id, reason });
}
