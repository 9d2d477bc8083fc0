/** How is the tree gone through? With a stack of its own: a chain of operators is as deep as it is long. */
import type { AnyNode, Class, Identifier } from "acorn";
import { SCAN_LIMITS } from "./limits.ts";

/** Every function there is. */
export type FunctionNode = Extract<
  AnyNode,
  { type: "FunctionDeclaration" | "FunctionExpression" | "ArrowFunctionExpression" }
>;

/** Whether it is a function. */
export function isFunction(node: AnyNode): node is FunctionNode {
  return (
    node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression"
  );
}

/** What runs when a class is made one of; empty where that is another class's. */
export function constructorOf({ body }: Class): readonly FunctionNode[] {
  const found = body.body.find((each) => each.type === "MethodDefinition" && each.kind === "constructor");
  return found?.type === "MethodDefinition" ? [found.value] : [];
}

/** The nodes below a node, in the order of its members. */
export function childrenOf(node: AnyNode): readonly AnyNode[] {
  const found: AnyNode[] = [];
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) for (const each of value) if (isNode(each)) found.push(each);
    if (isNode(value)) found.push(value);
  }
  return found;
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

/** Whether the name stands for a value, and is no key, label or name across modules. */
export function isReference(node: Identifier, parent: AnyNode | null): boolean {
  switch (parent?.type) {
    case "MemberExpression":
      return parent.object === node || parent.computed;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
      return parent.value === node || parent.computed;
    case "LabeledStatement":
    case "BreakStatement":
    case "ContinueStatement":
    case "ImportSpecifier":
    case "ExportSpecifier":
    case "MetaProperty":
      return false;
    default:
      return true;
  }
}

/** The text of literals that are added up or stand in a template; `HOLE` for what is no literal. */
export function foldText(node: AnyNode): string | undefined {
  if (node.type === "Literal") return typeof node.value === "string" ? node.value : undefined;
  if (node.type === "TemplateLiteral") return node.quasis.map(({ value }) => value.cooked ?? HOLE).join(HOLE);
  if (node.type !== "BinaryExpression" || node.operator !== "+") return undefined;
  const parts: string[] = [];
  let left: AnyNode = node;
  // To the left the chain is as long as it likes; to the right it is as deep as brackets are.
  while (left.type === "BinaryExpression" && left.operator === "+") {
    parts.push(foldText(left.right) ?? HOLE);
    left = left.left;
  }
  parts.push(foldText(left) ?? HOLE);
  return parts.toReversed().join("");
}

/** Stands in a folded text for what only shows when the code runs. */
export const HOLE = "\u0000";

/** The name of a member or key, where it stands in the code. */
export function staticKey(key: AnyNode, isComputed: "computed" | "named"): string | undefined {
  if (isComputed === "named") {
    if (key.type === "Identifier") return key.name;
    if (key.type === "PrivateIdentifier") return `#${key.name}`;
  }
  // Each is asked for many times.
  if (key.end - key.start > SCAN_LIMITS.keyChars) return undefined;
  if (key.type === "Literal") return String(key.value);
  const text = foldText(key);
  return text?.includes(HOLE) ? undefined : text;
}

/** The key of anything that has one. */
export function keyOf(node: Extract<AnyNode, { key: unknown; computed: boolean }>): string | undefined {
  return staticKey(node.key, node.computed ? "computed" : "named");
}
