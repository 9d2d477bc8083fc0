/** What stands in a syntax tree? Every node is met, by its own properties and without recursion; an unknown shape is refused. */
import type { AstNode } from "sqlite3-parser";
import { SQL_LIMITS } from "./limits.ts";
import { fault, START, type Fault } from "./refusal.ts";

/** Where a node stands. */
export interface Place {
  readonly depth: number;
  /** Selects around it, itself included. */
  readonly selects: number;
  /** Folded names of the common table expressions it stands in, the innermost first. */
  readonly within: Enclosing | undefined;
}

/** A chain of names. */
export interface Enclosing {
  readonly name: string;
  readonly outer: Enclosing | undefined;
}

/** What becomes of a node: into its children, past them, or a fault that ends the walk. */
export type Visit = (node: AstNode, place: Place) => Fault | "past" | undefined;

/** What is inside a node that makes its place another one. */
export type Step = (node: AstNode, place: Place) => Pick<Place, "selects" | "within">;

/** Walks a tree. */
// SECURITY: 9,000 parentheses would be the end of a recursive walk, and a node that is not met is not judged.
// (tests/sql/limits.test.ts, "depth")
export function walk(root: AstNode, visit: Visit, step: Step = stay): Fault | undefined {
  const nodes: AstNode[] = [root];
  const places: Place[] = [{ depth: 1, selects: 0, within: undefined }];
  for (let node = nodes.pop(); node; node = nodes.pop()) {
    const outer = places.pop()!;
    const place = { depth: outer.depth, ...step(node, outer) };
    if (place.depth > SQL_LIMITS.depth) {
      return fault("limit", node.span, `it is nested more than ${SQL_LIMITS.depth} deep`, "Write it in a flatter way.");
    }
    const verdict = visit(node, place);
    if (verdict === "past") continue;
    if (verdict) return verdict;
    const children = childrenOf(node);
    if (!children) return fault("feature", START, `the parser gave "${node.type}" an unknown shape`, "Leave it out.");
    const inner = { ...place, depth: place.depth + 1 };
    for (let i = children.length - 1; i >= 0; i--) {
      nodes.push(children[i]!);
      places.push(inner);
    }
  }
  return undefined;
}

const stay: Step = (_node, { selects, within }) => ({ selects, within });

/** All nodes right below one, in order; undefined where something is neither a node nor a plain value. */
function childrenOf(node: AstNode): readonly AstNode[] | undefined {
  const children: AstNode[] = [];
  const properties = node as unknown as Readonly<Record<string, unknown>>;
  for (const key in properties) {
    const value = properties[key];
    if (typeof value !== "object" || value === null || key === "span") continue;
    if (Array.isArray(value)) {
      for (const child of value) {
        if (!isNode(child)) return undefined;
        children.push(child);
      }
    } else if (isNode(value)) {
      children.push(value);
    } else if (!(value instanceof Uint8Array && node.type === "BlobLiteral")) {
      return undefined;
    }
  }
  return children;
}

function isNode(value: unknown): value is AstNode {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}
