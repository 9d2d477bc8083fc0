/**
 * What in the code looks hidden? Text that becomes code, texts and names nobody can read, characters nobody can see. A
 * minified bundle shows none of them. Pure.
 */
import type { AnyNode } from "acorn";
import type { ScanFinding } from "./finding.ts";
import type { Flow } from "./flow.ts";
import { SCAN_LIMITS } from "./limits.ts";
import type { Places } from "./places.ts";
import { lookUp, type Placed, type Tree } from "./scopes.ts";
import { foldText, staticKey } from "./tree.ts";

/** Where a kind of sign stands first, and how often it does. */
interface Sign {
  at: number;
  count: number;
}

type Kind = "code" | "text" | "charCodes" | "hexNames" | "turned" | "unseen";

// oxlint-disable-next-line no-misleading-character-class -- these characters are the point
const TURNED = /[\u202a-\u202e\u2066-\u2069]/g;
const UNSEEN =
  /[\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2060-\u2064\u3164\uffa0]|(?!^)\ufeff|[\u{e0000}-\u{e01ef}]/gu;

/** The findings. */
export function findSigns(code: string, tree: Tree, flow: Flow, places: Places): readonly ScanFinding[] {
  const signs = new Map<Kind, Sign>();
  const add = (kind: Kind, at: number, count = 1): void => {
    const sign = signs.get(kind) ?? { at, count: 0 };
    signs.set(kind, { at: Math.min(at, sign.at), count: sign.count + count });
  };
  for (const { index } of code.matchAll(TURNED)) add("turned", index);
  for (const { index } of code.matchAll(UNSEEN)) add("unseen", index);
  for (const place of tree.nodes) readNode(place, add);
  for (const { node, scope } of tree.references) {
    if (/^_0x[0-9a-f]{3,}$/i.test(node.name)) add("hexNames", node.start);
    if (node.name === "eval" && !lookUp(scope, "eval")) add("code", node.start);
  }
  for (const name of ["eval", "Function"]) {
    const at = flow.uses.get(`global.${name}`);
    if (at !== undefined) add("code", at);
  }
  const found: ScanFinding[] = [];
  const say = (kind: Kind, least: number, level: ScanFinding["level"], finding: string, words: string): void => {
    const sign = signs.get(kind);
    if (!sign || sign.count < least) return;
    const more = sign.count > 1 ? ` and ${sign.count - 1} more` : "";
    found.push({ level, code: finding, message: `${words} (${places(sign.at)}${more}).` });
  };
  say(
    "turned",
    1,
    "danger",
    "hidden-characters",
    "Its code has characters that turn the direction of text, so it may read otherwise than it runs",
  );
  say("unseen", 1, "warning", "hidden-characters", "Its code has characters that cannot be seen");
  say("code", 1, "warning", "makes-code", "Its code tries to make code out of text, which this host never runs");
  say("text", 1, "warning", "hidden-text", "Its code has a long text that nobody can read");
  say("charCodes", SCAN_LIMITS.charCodes, "warning", "hidden-text", "Its code puts texts together out of numbers");
  say(
    "hexNames",
    SCAN_LIMITS.hexNames,
    "warning",
    "hidden-names",
    "Its code uses names as a program writes them that hides what code does",
  );
  const hidden = flow.dynamic.get("global");
  if (hidden !== undefined)
    found.push({
      level: "warning",
      code: "hidden-names",
      message: `Its code takes global objects by names that are only known when it runs (${places(hidden)}).`,
    });
  return found;
}

function readNode({ node, scope, parent }: Placed, add: (kind: Kind, at: number, count?: number) => void): void {
  switch (node.type) {
    case "ImportExpression":
      if (node.source.type !== "Literal") add("code", node.start);
      return;
    case "CallExpression":
    case "NewExpression": {
      const { callee } = node;
      const [first] = node.arguments as readonly AnyNode[];
      const name = callee.type === "Identifier" && !lookUp(scope, callee.name) ? callee.name : undefined;
      const key = callee.type === "MemberExpression" ? keyIn(callee) : undefined;
      const isText = first !== undefined && foldText(first) !== undefined;
      if (name === "Function" || (key === "constructor" && isText)) add("code", node.start);
      if ((name === "setTimeout" || name === "setInterval") && isText) add("code", node.start);
      if (key === "fromCharCode" || key === "fromCodePoint") {
        const codes = node.arguments.filter((each) => each.type === "Literal").length;
        if (codes > 0) add("charCodes", node.start, codes);
      }
      return;
    }
    case "Literal":
    case "TemplateLiteral":
    case "BinaryExpression": {
      if (parent?.type === "BinaryExpression" && parent.operator === "+") return;
      const text = foldText(node);
      if (text !== undefined && isHiddenText(text)) add("text", node.start);
      return;
    }
    default:
      return;
  }
}

function keyIn({ property, computed }: Extract<AnyNode, { type: "MemberExpression" }>): string | undefined {
  return staticKey(property, computed ? "computed" : "named");
}

const RUN = new RegExp(`[^\\s\\u0000]{${SCAN_LIMITS.hiddenChars},}`, "g");
/** What pictures and fonts look like in a style, which is no secret. */
const DATA_URL = /data:(?:image|font)\/[a-z0-9.+-]+(?:;[a-z0-9=-]+)*,[^\s"')]*/gi;

/** Whether a stretch without a break says nothing in any language. */
function isHiddenText(text: string): boolean {
  if (text.length < SCAN_LIMITS.hiddenChars) return false;
  return (text.replace(DATA_URL, " ").match(RUN) ?? []).some((run) => {
    // Letters of most languages are many, and mean something.
    if (!/^[!-~]+$/.test(run)) return false;
    const bits = entropyOf(run);
    const least = /^[0-9a-f\\x%]+$/i.test(run)
      ? SCAN_LIMITS.hexBits
      : /^[A-Za-z0-9+/_-]+={0,2}$/.test(run)
        ? SCAN_LIMITS.base64Bits
        : SCAN_LIMITS.entropyBits;
    return bits > least;
  });
}

/** Bits for each character, by how often each stands in the text. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
