/** The plugin: which hooks and routes there are, and who answers them. */
import type { PluginContext, SandboxedPlugin } from "@bulkhead/sdk";
import { SCHEDULE, generate } from "./generate.ts";
import { drawOverview } from "./overview.ts";
import { describePost } from "./page-metadata.ts";
import { toSettings, type Settings } from "./settings.ts";
import { STATE_KEY, toState, type State } from "./state.ts";

const plugin = {
  hooks: {
    // A model takes longer than the 5 s a hook has by default.
    cron: { handler: (event, ctx) => (event.name === SCHEDULE ? generate(event, ctx) : undefined), timeout: 180_000 },
    "page:metadata": { handler: ({ page }) => describePost(page), errorPolicy: "continue" },
  },
  routes: {
    /** The panel. It has one page and no buttons, so every interaction draws that page. */
    admin: async (_, ctx) => {
      const { settings, state } = await read(ctx);
      return { blocks: drawOverview(settings, state) };
    },
    /** For a status badge: nothing in it that a visitor could not see on the site. */
    status: {
      public: true,
      handler: async (_, ctx) => {
        const { settings, state } = await read(ctx);
        const lastRunAt = state.runs[0]?.scheduledAt ?? null;
        return { provider: settings.provider, lastRunAt, posts: state.written };
      },
    },
  },
} satisfies SandboxedPlugin;

async function read(ctx: PluginContext): Promise<{ readonly settings: Settings; readonly state: State }> {
  const [values, stored] = await Promise.all([ctx.settings.all(), ctx.kv.get(STATE_KEY)]);
  return { settings: toSettings(values, ctx.site), state: toState(stored) };
}

export default plugin;
