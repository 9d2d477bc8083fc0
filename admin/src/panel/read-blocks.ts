/**
 * Which blocks did the plugin send, and what is wrong with them? Untrusted JSON in; out come blocks whose texts are plain
 * and whose images stay on this site, and the faults to show. A block with a fault is still drawn as far as it goes.
 */
import { validateBlocks, type Block } from "@emdash-cms/blocks";
import { plainText } from "../display/plain-text.ts";
import { text } from "../text.ts";

/** One fault of a block. */
export interface BlockFault {
  readonly path: string;
  readonly message: string;
}

/** The most that one page may hold. */
export const PANEL_LIMITS = { blocks: 200, depth: 24, textChars: 10_000, faults: 50 } as const;

/** What the plugin reads back; changing it would change what is sent, and none of it is shown. */
const RETURNED_KEYS: ReadonlySet<string> = new Set([
  "action_id",
  "block_id",
  "page_action_id",
  "next_cursor",
  "value",
  "initial_value",
]);

/** A path of this site, or the picture itself. */
const OWN_IMAGE = /^(\/(?![/\\])|data:image\/(png|jpeg|gif|webp|avif);)/;

export function readBlocks(sent: unknown): {
  readonly blocks: readonly Block[];
  readonly faults: readonly BlockFault[];
} {
  if (sent === undefined) return { blocks: [], faults: [] };
  if (!Array.isArray(sent)) return { blocks: [], faults: [{ path: "blocks", message: text.panel.notAList }] };
  const faults: BlockFault[] = [];
  if (sent.length > PANEL_LIMITS.blocks)
    faults.push({ path: "blocks", message: text.panel.tooMany(PANEL_LIMITS.blocks) });
  const blocks = sent.slice(0, PANEL_LIMITS.blocks).map((block) => clean(block, 0));
  faults.push(...validate(blocks));
  return { blocks: blocks.filter(isBlock), faults: faults.slice(0, PANEL_LIMITS.faults) };
}

function validate(blocks: readonly unknown[]): readonly BlockFault[] {
  try {
    return validateBlocks([...blocks]).errors;
  } catch (error) {
    return [{ path: "blocks", message: String(error) }];
  }
}

function isBlock(value: unknown): value is Block {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === "string") return value.startsWith("image://") ? "" : plainText(value, PANEL_LIMITS.textChars);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= PANEL_LIMITS.depth) return null;
  if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1));
  if (isForeignImage(value)) return { type: "context", text: text.panel.foreignImage };
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, RETURNED_KEYS.has(key) ? item : clean(item, depth + 1)]),
  );
}

/**
 * SECURITY: an image of another site is a request to a host nobody granted, made by the administrator's browser. The
 * page's Content-Security-Policy refuses it too. (`image://`, above, is how the chart library names one.)
 */
function isForeignImage(value: object): boolean {
  if (!("type" in value) || value.type !== "image" || !("url" in value)) return false;
  return typeof value.url !== "string" || !OWN_IMAGE.test(value.url);
}
