/** Which names are declared where, and what does the code do with values? One walk over the tree, as lists for the steps that follow. */
import type { AnyNode, Identifier, Pattern, Program } from "acorn";
import { SCAN_LIMITS } from "./limits.ts";
import { childrenOf, constructorOf, isFunction, isReference, type FunctionNode } from "./tree.ts";

/** What may stand in a name: see `values.ts`. */
export interface Binding {
  readonly values: unknown[];
}

/** A scope. */
export interface Scope {
  readonly parent: Scope | null;
  /** The function it belongs to, with all scopes of blocks within it. */
  readonly owner: FunctionNode | null;
  readonly isFunction: boolean;
  readonly names: Map<string, Binding>;
}

/** A node with the scope it stands in. */
export interface Placed<Node = AnyNode> {
  readonly node: Node;
  readonly scope: Scope;
  readonly parent: AnyNode | null;
}

/** What the walk found. */
export interface Tree {
  readonly nodes: readonly Placed[];
  /** References to names, without declarations and keys. */
  readonly references: readonly Placed<Identifier>[];
  /** The scope within a function, where its parameters are. */
  readonly within: ReadonlyMap<AnyNode, Scope>;
  /** The scope an object literal stands in. */
  readonly around: ReadonlyMap<AnyNode, Scope>;
}

/** What the later steps look at. */
const KEPT = new Set<AnyNode["type"]>([
  "VariableDeclarator",
  "AssignmentExpression",
  "AssignmentPattern",
  "CallExpression",
  "NewExpression",
  "ReturnStatement",
  "ArrowFunctionExpression",
  "Property",
  "PropertyDefinition",
  "MethodDefinition",
  "MemberExpression",
  "ObjectPattern",
  "Literal",
  "TemplateLiteral",
  "BinaryExpression",
  "ImportExpression",
]);

/** Walks the tree. */
export function readTree(program: Program): Tree {
  const nodes: Placed[] = [];
  const references: Placed<Identifier>[] = [];
  const within = new Map<AnyNode, Scope>();
  const around = new Map<AnyNode, Scope>();
  const top = createScope(null, null, true);
  const stack: Placed[] = [{ node: program, scope: top, parent: null }];
  for (let place = stack.pop(); place; place = stack.pop()) {
    const { node, scope, parent } = place;
    if (node.type === "Identifier" && isReference(node, parent)) references.push({ node, scope, parent });
    if (KEPT.has(node.type)) nodes.push(place);
    if (node.type === "ObjectExpression") around.set(node, scope);
    const inner = enter(node, scope);
    if (isFunction(node)) within.set(node, inner);
    // The last first, so that the first is gone into next: values mostly flow downwards.
    const children = childrenOf(node);
    for (let i = children.length - 1; i >= 0; i--) stack.push({ node: children[i]!, scope: inner, parent: node });
  }
  return { nodes, references, within, around };
}

/** Declares what the node declares, and answers the scope of what is below it. */
function enter(node: AnyNode, scope: Scope): Scope {
  switch (node.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression": {
      const inner = createScope(scope, node, true);
      if (node.type === "FunctionDeclaration" && node.id) declare(scope, node.id.name).values.push(node);
      if (node.type === "FunctionExpression" && node.id) declare(inner, node.id.name).values.push(node);
      for (const param of node.params) declarePattern(inner, param);
      return inner;
    }
    case "ClassDeclaration":
      if (node.id) declare(scope, node.id.name).values.push(...constructorOf(node));
      return scope;
    case "VariableDeclaration": {
      const place = node.kind === "var" ? toFunctionScope(scope) : scope;
      for (const { id } of node.declarations) declarePattern(place, id);
      return scope;
    }
    case "ImportSpecifier":
    case "ImportDefaultSpecifier":
    case "ImportNamespaceSpecifier":
      declare(scope, node.local.name);
      return scope;
    case "CatchClause": {
      const inner = createScope(scope, scope.owner, false);
      if (node.param) declarePattern(inner, node.param);
      return inner;
    }
    case "BlockStatement":
    case "StaticBlock":
    case "ForStatement":
    case "ForInStatement":
    case "ForOfStatement":
    case "SwitchStatement":
      return createScope(scope, scope.owner, false);
    default:
      return scope;
  }
}

function createScope(parent: Scope | null, owner: FunctionNode | null, isFunctionScope: boolean): Scope {
  return { parent, owner, isFunction: isFunctionScope, names: new Map() };
}

function toFunctionScope(scope: Scope): Scope {
  let place = scope;
  while (!place.isFunction && place.parent) place = place.parent;
  return place;
}

function declare(scope: Scope, name: string): Binding {
  const known = scope.names.get(name);
  if (known) return known;
  const binding: Binding = { values: [] };
  scope.names.set(name, binding);
  return binding;
}

/** As deep as brackets are, which the parser counted. */
function declarePattern(scope: Scope, pattern: Pattern): void {
  switch (pattern.type) {
    case "Identifier":
      declare(scope, pattern.name);
      return;
    case "ObjectPattern":
      for (const each of pattern.properties)
        declarePattern(scope, each.type === "RestElement" ? each.argument : each.value);
      return;
    case "ArrayPattern":
      for (const each of pattern.elements) if (each) declarePattern(scope, each);
      return;
    case "AssignmentPattern":
      declarePattern(scope, pattern.left);
      return;
    case "RestElement":
      declarePattern(scope, pattern.argument);
      return;
    default:
      return;
  }
}

/** What a name means there; undefined for a global one. */
export function lookUp(scope: Scope, name: string): Binding | undefined {
  let place: Scope | null = scope;
  for (let depth = 0; place && depth < SCAN_LIMITS.scopes; depth++) {
    const found = place.names.get(name);
    if (found) return found;
    place = place.parent;
  }
  return undefined;
}
