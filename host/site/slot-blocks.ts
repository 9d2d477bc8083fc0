/**
 * Which of a plugin's blocks may stand at which place of a page? Built anew by `toSafeBlocks` and bounded; what does not
 * fit is left out with a reason, and the rest stays. Pure.
 */
import { PAGE_SLOTS, type PageSlot } from "@bulkhead/sdk";
import { z } from "zod";
import { SITE_LIMITS } from "./limits.ts";
import { toSafeBlocks, type SafeBlock } from "./safe-blocks.ts";

/** One plugin's blocks for the places it named, each once, in the order in which it named them. */
export interface CheckedSlots {
  readonly kept: ReadonlyMap<PageSlot, readonly SafeBlock[]>;
  /** What was left out, for the log. */
  readonly dropped: readonly string[];
}

const contributionSchema = z.object({
  slot: z.enum(PAGE_SLOTS),
  // The blocks are judged one by one, as many as are drawn.
  blocks: z.custom<readonly unknown[]>(Array.isArray, { message: "expected a list of blocks" }),
});

/** Checks what a handler of `page:blocks` answered: one contribution, a list, or nothing. */
export function checkSlotBlocks(value: unknown): CheckedSlots {
  const kept = new Map<PageSlot, readonly SafeBlock[]>();
  const dropped: string[] = [];
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (values.length > SITE_LIMITS.slotContributions)
    dropped.push(`${values.length} contributions; the first ${SITE_LIMITS.slotContributions} are taken`);
  for (const one of values.slice(0, SITE_LIMITS.slotContributions)) {
    const result = contributionSchema.safeParse(one);
    if (!result.success) {
      const [issue] = result.error.issues;
      dropped.push(`${issue?.path.join(".") || "contribution"}: ${issue?.message ?? "is not valid"}`);
      continue;
    }
    const { slot, blocks } = result.data;
    const before = kept.get(slot) ?? [];
    const bounded = bound(before, blocks);
    kept.set(slot, [...before, ...bounded.blocks]);
    dropped.push(...bounded.dropped.map((reason) => `${slot}: ${reason}`));
  }
  return { kept, dropped };
}

function bound(before: readonly SafeBlock[], wanted: readonly unknown[]): { blocks: SafeBlock[]; dropped: string[] } {
  const room = SITE_LIMITS.slotBlocks - before.length;
  const dropped =
    wanted.length > room
      ? [`${before.length + wanted.length} blocks; the first ${SITE_LIMITS.slotBlocks} are drawn`]
      : [];
  const taken = wanted.slice(0, room);
  const safe = toSafeBlocks(taken);
  if (safe.length < taken.length) dropped.push(`${taken.length - safe.length} blocks that cannot be drawn`);
  let chars = toChars(before);
  const blocks: SafeBlock[] = [];
  for (const block of safe) {
    chars += toChars([block]);
    if (chars > SITE_LIMITS.slotChars) {
      dropped.push(`more than ${SITE_LIMITS.slotChars} characters; ${safe.length - blocks.length} blocks are left out`);
      break;
    }
    blocks.push(block);
  }
  return { blocks, dropped };
}

function toChars(blocks: readonly SafeBlock[]): number {
  return blocks.reduce((sum, block) => sum + JSON.stringify(block).length, 0);
}
