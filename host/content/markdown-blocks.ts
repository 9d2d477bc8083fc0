/**
 * Which of EmDash's blocks does each block of the Markdown library become? Every block is built anew from what is known of
 * it, so nothing that the library adds one day passes through unseen. Pure.
 */
import type { PortableTextBlock } from "@bulkhead/sdk";
import { toSafeHref, toSafeSource } from "./address.ts";

/** A block of the library, before anything is known of it. */
export interface LooseBlock {
  readonly _type: string;
  readonly [key: string]: unknown;
}

type NewKey = () => string;
interface ListPlace {
  readonly listItem: "bullet" | "number";
  readonly level: number;
}

/** Deeper lists are flattened to this level. */
const MAX_LEVEL = 6;
const STYLES: ReadonlySet<unknown> = new Set(["normal", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"]);
const DECORATORS: ReadonlySet<string> = new Set(["strong", "em", "code", "strike-through"]);

/** The blocks, flat and in order. */
export function toEmDashBlocks(blocks: readonly LooseBlock[], newKey: NewKey): readonly PortableTextBlock[] {
  return blocks.flatMap((block) => toBlocks(block, newKey));
}

function toBlocks(block: LooseBlock, newKey: NewKey): readonly PortableTextBlock[] {
  switch (block._type) {
    case "block":
      return [toTextBlock(block, newKey)];
    case "list":
      return toListBlocks(block, 1, newKey);
    case "code":
      return [
        {
          _type: "code",
          _key: newKey(),
          code: toText(block["code"]),
          ...(typeof block["language"] === "string" ? { language: block["language"] } : {}),
        },
      ];
    case "image":
      return [toImage(block, newKey)];
    case "horizontal-rule":
      return [{ _type: "break", _key: newKey(), style: "lineBreak" }];
    case "table":
      return [toTable(block, newKey)];
    case "callout":
      return toEmDashBlocks(toBlockList(block["content"]), newKey);
    case "html":
      return toHtmlText(toText(block["html"]), newKey);
    default:
      return [];
  }
}

/** A paragraph, heading, quote or list item. */
function toTextBlock(block: LooseBlock, newKey: NewKey, place?: ListPlace): PortableTextBlock {
  const key = newKey();
  const { children, markDefs } = toInline(block, newKey);
  const style = STYLES.has(block["style"]) && !place ? block["style"] : "normal";
  return { _type: "block", _key: key, style, markDefs, children, ...place };
}

/** The spans of a text block, and the links they refer to. Addresses that are not safe leave their text. */
function toInline(block: LooseBlock, newKey: NewKey): Pick<PortableTextBlock, "children" | "markDefs"> {
  const links = new Map<string, string>();
  const markDefs: unknown[] = [];
  for (const mark of toBlockList(block["markDefs"])) {
    const href = mark._type === "link" ? toSafeHref(mark["href"]) : undefined;
    if (href === undefined) continue;
    const key = newKey();
    links.set(toText(mark["_key"]), key);
    markDefs.push({ _type: "link", _key: key, href });
  }
  const children = toBlockList(block["children"]).map((child) => {
    const marks = (Array.isArray(child["marks"]) ? child["marks"] : []).map(String);
    const kept = marks.flatMap((mark) => links.get(mark) ?? (DECORATORS.has(mark) ? [mark] : []));
    // An image within a paragraph has no inline form in EmDash; its description is the text it stands for.
    const text = child._type === "span" ? toText(child["text"]) : toText(child["alt"]);
    return toSpan(kept.includes("code") ? text : toLineBreaks(text), kept, newKey);
  });
  return { children, markDefs };
}

/** The items of a list; further paragraphs of an item follow its first on lines of their own. */
function toListBlocks(list: LooseBlock, level: number, newKey: NewKey): readonly PortableTextBlock[] {
  const place: ListPlace = {
    listItem: list["kind"] === "number" ? "number" : "bullet",
    level: Math.min(level, MAX_LEVEL),
  };
  return toBlockList(list["items"]).flatMap((item) => {
    const done: PortableTextBlock[] = [];
    let open: PortableTextBlock | undefined;
    for (const part of toBlockList(item["content"])) {
      if (part._type === "list") done.push(...toListBlocks(part, level + 1, newKey));
      else if (part._type !== "block") done.push(...toBlocks(part, newKey));
      else if (open === undefined) done.push((open = toTextBlock(withCheckbox(part, item["checked"]), newKey, place)));
      else {
        const more = toInline(part, newKey);
        (open["children"] as unknown[]).push(toSpan("\n", [], newKey), ...(more["children"] as unknown[]));
        (open["markDefs"] as unknown[]).push(...(more["markDefs"] as unknown[]));
      }
    }
    return done;
  });
}

function withCheckbox(block: LooseBlock, checked: unknown): LooseBlock {
  if (typeof checked !== "boolean") return block;
  const box = { _type: "span", text: checked ? "☑ " : "☐ ", marks: [] };
  return { ...block, children: [box, ...toBlockList(block["children"])] };
}

function toImage(block: LooseBlock, newKey: NewKey): PortableTextBlock {
  const src = toSafeSource(block["src"]);
  const alt = toText(block["alt"]);
  if (src === undefined) return toParagraph(alt, newKey);
  const caption = toText(block["title"]);
  return { _type: "image", _key: newKey(), asset: { _ref: src, url: src }, alt, ...(caption ? { caption } : {}) };
}

function toTable(table: LooseBlock, newKey: NewKey): PortableTextBlock {
  const headerRows = typeof table["headerRows"] === "number" ? table["headerRows"] : 0;
  const rows = toBlockList(table["rows"]).map((row, index) => ({
    _type: "tableRow",
    _key: newKey(),
    cells: toBlockList(row["cells"]).map((cell) => {
      const parts = toBlockList(cell["value"]).map((block) => toInline(block, newKey));
      return {
        _type: "tableCell",
        _key: newKey(),
        content: parts.flatMap((part) => part["children"]),
        markDefs: parts.flatMap((part) => part["markDefs"]),
        isHeader: index < headerRows,
      };
    }),
  }));
  return { _type: "table", _key: newKey(), rows, hasHeaderRow: headerRows > 0 };
}

/** SECURITY: HTML becomes the text of a span, and a comment nothing (tests/site/text.test.ts, "raw HTML"). */
function toHtmlText(html: string, newKey: NewKey): readonly PortableTextBlock[] {
  const text = html.trim();
  if (text === "" || (text.startsWith("<!--") && text.indexOf("-->") === text.length - 3)) return [];
  return [toParagraph(text, newKey)];
}

function toParagraph(text: string, newKey: NewKey): PortableTextBlock {
  return { _type: "block", _key: newKey(), style: "normal", markDefs: [], children: [toSpan(text, [], newKey)] };
}

function toSpan(text: string, marks: readonly string[], newKey: NewKey): unknown {
  return { _type: "span", _key: newKey(), text, marks };
}

/** `<br>` is the one tag that Markdown writers use for want of another way. */
function toLineBreaks(text: string): string {
  return text.replace(/<br ?\/?>/gi, "\n");
}

function toBlockList(value: unknown): readonly LooseBlock[] {
  return Array.isArray(value) ? (value as readonly LooseBlock[]) : [];
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
