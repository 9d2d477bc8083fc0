/**
 * Where may an element stand? The rules of HTML's parser that matter for what is let through: what a start tag ends, and
 * what it needs around it. Kept to, a browser builds the tree that was written. Pure.
 */

const HEADINGS = "h1 h2 h3 h4 h5 h6".split(" ");
/** Elements that end an open paragraph. */
const BLOCKS: ReadonlySet<string> = new Set([
  ...HEADINGS,
  ..."p div blockquote pre hr figure figcaption ul ol li dl dt dd table".split(" "),
]);
const ROW_GROUPS = ["thead", "tbody", "tfoot"];
/** Parts of a table that end each other: what a start tag of the key ends. */
const ENDED_PARTS: Readonly<Record<string, readonly string[]>> = {
  caption: [],
  thead: [...ROW_GROUPS, "tr", "td", "th", "caption"],
  tbody: [...ROW_GROUPS, "tr", "td", "th", "caption"],
  tfoot: [...ROW_GROUPS, "tr", "td", "th", "caption"],
  tr: ["tr", "td", "th", "caption"],
  td: ["td", "th"],
  th: ["td", "th"],
};
/** What must be the innermost open element then. */
const PARENTS: Readonly<Record<string, readonly string[]>> = {
  caption: ["table"],
  thead: ["table"],
  tbody: ["table"],
  tfoot: ["table"],
  tr: ["table", ...ROW_GROUPS],
  td: ["tr"],
  th: ["tr"],
};
/** Elements that stand in for each other: a start tag of the key ends the nearest of these, not beyond `LIST_WALLS`. */
const ENDED_ITEMS: Readonly<Record<string, readonly string[]>> = { li: ["li"], dt: ["dt", "dd"], dd: ["dt", "dd"] };
const LISTS: Readonly<Record<string, readonly string[]>> = { li: ["ul", "ol"], dt: ["dl"], dd: ["dl"] };
/** Nothing outside one of these is ended from within it. */
const WALLS: ReadonlySet<string> = new Set(["table", "caption", "td", "th"]);
const TABLE_WALL: ReadonlySet<string> = new Set(["table"]);
const LIST_WALLS: ReadonlySet<string> = new Set([...WALLS, "ul", "ol", "dl"]);

/** How many of the open elements remain when `name` starts, or undefined where it may not start here. */
export function placeOf(name: string, open: readonly string[]): number | undefined {
  if (Object.hasOwn(PARENTS, name)) return placeOfPart(name, open);
  let kept = open.length;
  if (Object.hasOwn(LISTS, name)) {
    const list = findOpen(open, LISTS[name]!, WALLS);
    if (list === undefined) return undefined;
    const item = findOpen(open, ENDED_ITEMS[name]!, LIST_WALLS);
    kept = item ?? kept;
  }
  if (BLOCKS.has(name)) kept = Math.min(kept, findOpen(open, ["p"], WALLS) ?? kept);
  if (HEADINGS.includes(name) && HEADINGS.includes(open[kept - 1] ?? "")) kept -= 1;
  if (name === "a") {
    const outer = findOpen(open, ["a"], WALLS);
    if (outer === undefined && open.includes("a")) return undefined;
    kept = outer ?? kept;
  }
  return kept;
}

/** How many of the open elements remain when `name` ends, or undefined where none of that name can be ended here. */
export function endOf(name: string, open: readonly string[]): number | undefined {
  const isPart = name === "table" || Object.hasOwn(PARENTS, name);
  return findOpen(open, [name], isPart ? TABLE_WALL : WALLS);
}

function placeOfPart(name: string, open: readonly string[]): number | undefined {
  const ended = ENDED_PARTS[name]!;
  let kept = open.length;
  for (let i = open.length - 1; i >= 0 && open[i] !== "table"; i--) if (ended.includes(open[i]!)) kept = i;
  return PARENTS[name]!.includes(open[kept - 1] ?? "") ? kept : undefined;
}

/** The index of the innermost open element of these names that no wall stands before. */
function findOpen(open: readonly string[], names: readonly string[], walls: ReadonlySet<string>): number | undefined {
  for (let i = open.length - 1; i >= 0; i--) {
    if (names.includes(open[i]!)) return i;
    if (walls.has(open[i]!)) return undefined;
  }
  return undefined;
}
