/**
 * Which part of a stored value is Portable Text that may be drawn? Stored content is hostile: plugins, language models and
 * SQL write it. Every block is built anew from what is known of it; unknown blocks, marks and addresses are left out, and
 * sizes are bounded, so whatever draws the result needs no guards of its own. Pure.
 */
import { toSafeHref, toSafeSource } from "../content/address.ts";
import { SITE_LIMITS } from "./limits.ts";
import { toCleanText } from "./text.ts";

/** A run of text with its marks: decorators, or keys of links. */
export interface SafeSpan {
  readonly _type: "span";
  readonly text: string;
  readonly marks: readonly string[];
}
/** A link of a block. */
export interface SafeLink {
  readonly _type: "link";
  readonly _key: string;
  readonly href: string;
}
/** Text with marks. */
export interface SafeInline {
  readonly children: readonly SafeSpan[];
  readonly markDefs: readonly SafeLink[];
}
/** A block that may be drawn. */
export type SafeBlock =
  | (SafeInline & {
      readonly _type: "block";
      readonly style: string;
      readonly listItem?: "bullet" | "number";
      readonly level?: number;
    })
  | { readonly _type: "code"; readonly code: string; readonly language: string | undefined }
  | { readonly _type: "image"; readonly src: string; readonly alt: string; readonly caption: string }
  | { readonly _type: "break" }
  | { readonly _type: "table"; readonly rows: readonly (readonly SafeCell[])[] };
/** A cell of a table. */
export interface SafeCell {
  readonly content: SafeInline;
  readonly isHeader: boolean;
}

const STYLES: ReadonlySet<unknown> = new Set(["normal", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"]);
const DECORATORS: ReadonlySet<string> = new Set([
  "strong",
  "em",
  "code",
  "underline",
  "strike-through",
  "subscript",
  "superscript",
]);

type Loose = Readonly<Record<string, unknown>>;

/** The blocks of a stored value that may be drawn. */
export function toSafeBlocks(value: unknown): readonly SafeBlock[] {
  const blocks = toList(value)
    .slice(0, SITE_LIMITS.blocks)
    .flatMap((block) => toSafeBlock(block) ?? []);
  let cells: number = SITE_LIMITS.tableCells;
  // SECURITY: no visitor waits for a million cells. (tests/site/site.test.ts, "sizes of hostile blocks")
  return blocks.map((block) =>
    block._type === "table" ? { ...block, rows: block.rows.filter((row) => (cells -= row.length) >= 0) } : block,
  );
}

/** All text of the blocks, a line each. */
export function toPlainText(blocks: readonly SafeBlock[]): string {
  return blocks
    .flatMap((block) => (block._type === "block" ? [block.children.map((span) => span.text).join("")] : []))
    .join("\n");
}

/** Where an image value of EmDash's (an address, a media value, or a block) points, and its description. */
export function toSafeImage(value: unknown): { readonly src: string; readonly alt: string } | undefined {
  if (typeof value === "string") {
    const src = toSafeSource(value);
    return src === undefined ? undefined : { src, alt: "" };
  }
  if (!isRecord(value)) return undefined;
  const asset = isRecord(value["asset"]) ? value["asset"] : {};
  const addresses = [value["src"], value["url"], value["previewUrl"], asset["url"]];
  const src = addresses.map(toSafeSource).find((address) => address !== undefined);
  return src === undefined ? undefined : { src, alt: toCleanText(value["alt"]) };
}

function toSafeBlock(block: Loose): SafeBlock | undefined {
  switch (block["_type"]) {
    case "block":
      return toTextBlock(block);
    case "code": {
      const language = toCleanText(block["language"]);
      return {
        _type: "code",
        code: toCleanText(block["code"]),
        language: /^[A-Za-z0-9+#.-]{1,30}$/.test(language) ? language : undefined,
      };
    }
    case "image": {
      const image = toSafeImage(block);
      return image && { _type: "image", ...image, caption: toCleanText(block["caption"]) };
    }
    case "break":
      return { _type: "break" };
    case "table":
      return {
        _type: "table",
        rows: toList(block["rows"])
          .slice(0, SITE_LIMITS.tableRows)
          .map((row) => toList(row["cells"]).slice(0, SITE_LIMITS.tableColumns).map(toCell)),
      };
    default:
      // SECURITY: this is where EmDash's htmlBlock ends (tests/site/site.test.ts, "stored XSS").
      return undefined;
  }
}

function toTextBlock(block: Loose): SafeBlock {
  const style = STYLES.has(block["style"]) ? String(block["style"]) : "normal";
  const inline = toInline(block["children"], block["markDefs"]);
  const listItem = block["listItem"];
  if (listItem !== "bullet" && listItem !== "number") return { _type: "block", style, ...inline };
  // SECURITY: the renderer recurses once per level, so thousands of them would exhaust its stack
  // (tests/site/site.test.ts, "sizes of hostile blocks").
  const level = Math.min(Math.max(Math.trunc(toNumber(block["level"])) || 1, 1), SITE_LIMITS.listLevel);
  return { _type: "block", style, listItem, level, ...inline };
}

function toCell(cell: Loose): SafeCell {
  return { content: toInline(cell["content"], cell["markDefs"]), isHeader: cell["isHeader"] === true };
}

function toInline(children: unknown, defs: unknown): SafeInline {
  const markDefs: SafeLink[] = toList(defs)
    .slice(0, SITE_LIMITS.spans)
    .flatMap((mark) => {
      const { _key: key } = mark;
      const href = mark["_type"] === "link" ? toSafeHref(mark["href"]) : undefined;
      if (href === undefined || typeof key !== "string") return [];
      return [{ _type: "link" as const, _key: `link:${key}`, href }];
    });
  const links = new Set(markDefs.map((mark) => mark._key));
  const toMarks = (marks: unknown): readonly string[] => {
    const names = (Array.isArray(marks) ? marks : []).filter((mark): mark is string => typeof mark === "string");
    const known = names.map((name) => (links.has(`link:${name}`) ? `link:${name}` : name));
    const decorators = known.filter((name) => DECORATORS.has(name));
    // One link: links cannot stand within each other.
    const link = known.find((name) => links.has(name));
    return [...new Set([...decorators, ...(link === undefined ? [] : [link])])];
  };
  const spans = toList(children)
    .filter((child) => child["_type"] === "span")
    .map((span) => ({ _type: "span" as const, text: toCleanText(span["text"]), marks: toMarks(span["marks"]) }));
  if (spans.length <= SITE_LIMITS.spans) return { children: spans, markDefs };
  // What is beyond the limit loses its marks, not its words.
  const rest = spans.slice(SITE_LIMITS.spans).map((span) => span.text);
  const last: SafeSpan = { _type: "span", text: rest.join(""), marks: [] };
  return { children: [...spans.slice(0, SITE_LIMITS.spans), last], markDefs };
}

/** SECURITY: objects are not asked for a number: `{"toString": 1}` would throw. (tests/site/page-slots.test.ts, "no part of it makes the page fail") */
function toNumber(value: unknown): number {
  return typeof value === "number" ? value : 1;
}

function toList(value: unknown): readonly Loose[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
