/** Asks the plugins for their share of a page's head, and puts it together with the host's. */
import type { PublicPage } from "@bulkhead/sdk";
import type { Hooks } from "../hooks/hooks.ts";
import type { Services } from "../services.ts";
import { checkContributions } from "./contributions.ts";
import { drawHead, mergeContributions, toDefaults, type Head } from "./head.ts";

/** The head of a page. What a plugin gave that cannot stand is logged with the plugin's name, and the page goes on. */
export async function createHead(
  page: PublicPage,
  options: { readonly title: string; readonly hooks: Hooks; readonly log: Services["log"] },
): Promise<Head> {
  const collected = await options.hooks.collect("page:metadata", { page });
  const { kept, dropped } = checkContributions(collected);
  if (dropped.length > 0) {
    options.log("warn", "Left out contributions to page:metadata", { path: page.path, dropped: dropped.slice(0, 10) });
  }
  return drawHead(options.title, mergeContributions(kept, toDefaults(page)));
}
