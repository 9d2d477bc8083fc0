/**
 * Asks the plugins for blocks at the places of a page, and draws them there in the hooks' order. Whatever of it cannot
 * stand is logged with the plugin's name, and the page goes on.
 */
import type { PageSlot, PublicPage } from "@bulkhead/sdk";
import { html, raw } from "hono/html";
import type { Hooks, PlacedContribution } from "../hooks/hooks.ts";
import type { Services } from "../services.ts";
import type { Head } from "./head.ts";
import { drawBlocks } from "./portable-text.ts";
import type { SafeBlock } from "./safe-blocks.ts";
import { checkSlotBlocks } from "./slot-blocks.ts";

/** What stands at the places of a page, drawn. */
export type DrawnSlots = Readonly<Partial<Record<PageSlot, Head>>>;

/** The places of a page of each kind. */
export const SLOTS_OF = {
  content: ["post.before", "post.after", "page.footer"],
  list: ["list.before", "list.after", "page.footer"],
  custom: ["page.footer"],
} as const satisfies Record<PublicPage["kind"], readonly PageSlot[]>;

/** What stands at these places of the page. */
export async function createSlots(
  page: PublicPage,
  places: readonly PageSlot[],
  { hooks, log }: { readonly hooks: Hooks; readonly log: Services["log"] },
): Promise<DrawnSlots> {
  const contributions = await hooks.offer("page:blocks", { page }, { member: "slots", places });
  const standing = new Map<PageSlot, (readonly SafeBlock[])[]>();
  const dropped: { readonly plugin: string; readonly reason: string }[] = [];
  for (const contribution of contributions) {
    const { plugin, value } = contribution;
    const checked = checkSlotBlocks(value);
    dropped.push(...checked.dropped.map((reason) => ({ plugin, reason })));
    for (const [slot, blocks] of checked.kept) {
      const refusal = await findRefusal(contribution, slot, places);
      if (refusal !== undefined) dropped.push({ plugin, reason: refusal });
      else if (blocks.length > 0) standing.set(slot, [...(standing.get(slot) ?? []), blocks]);
    }
  }
  if (dropped.length > 0)
    log("warn", "Left out contributions to page:blocks", { path: page.path, dropped: dropped.slice(0, 10) });
  return Object.fromEntries([...standing].map(([slot, parts]) => [slot, drawSlot(slot, parts)]));
}

/** SECURITY: a place that is not granted now is a denial, whatever the plugin was told. (tests/host/page-blocks.test.ts, "is dropped and counted as denied") */
async function findRefusal(
  { gate }: PlacedContribution,
  slot: PageSlot,
  places: readonly PageSlot[],
): Promise<string | undefined> {
  const use = { capability: "page:slots", target: slot } as const;
  // A granted place that this page does not have is neither used nor denied.
  if (!places.includes(slot) && (await gate.covers(use))) return `${slot} is no place of this page`;
  const checked = await gate.check(use);
  return checked.ok ? undefined : checked.reason;
}

/** Each plugin's blocks in an element of its own, whose class says nothing of the plugin. */
function drawSlot(slot: PageSlot, parts: readonly (readonly SafeBlock[])[]): Head {
  return html`<div class="slot at-${slot.replace(".", "-")}">
    ${parts.map((blocks) => html`<div class="added prose" dir="auto">${raw(drawBlocks(blocks))}</div>`)}
  </div>`;
}
