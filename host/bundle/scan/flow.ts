/**
 * Where does `ctx` go? From the second parameter of every exported hook and route through names, destructuring, properties
 * and calls. A property is one place for all objects that have it, so this guesses a little too much; what it follows is
 * capped, so it may also see too little. SECURITY: nothing rests on it; what a plugin may do its grants decide at each call.
 * (tests/host/scan.test.ts, "guards nothing")
 */
import type { AnyNode, Pattern } from "acorn";
import { SCAN_LIMITS } from "./limits.ts";
import { lookUp, type Scope, type Tree } from "./scopes.ts";
import { constructorOf, isFunction, keyOf, staticKey, type FunctionNode } from "./tree.ts";

/** A path that begins with `ctx` or `global`, a function, or an object literal. */
export type Value = string | AnyNode;

/** What came of it. */
export interface Flow {
  /** Paths such as `ctx.content` and `ctx.content.create`, with where each stands first. */
  readonly uses: ReadonlyMap<string, number>;
  /** Where a member of `ctx` or of the global object is taken by a name that only shows when the code runs. */
  readonly dynamic: ReadonlyMap<"ctx" | "global", number>;
  /** Whether `ctx` is given to something that cannot be followed. */
  readonly escapes: boolean;
  /** Whether all there was to follow was followed. */
  readonly isComplete: boolean;
}

const GLOBALS = new Set(["globalThis", "self", "window", "global"]);
const NOTHING: readonly Value[] = [];

/** Follows it. */
export function followContext({ nodes, within, around }: Tree): Flow {
  const fields = new Map<string, Value[]>();
  const returns = new Map<AnyNode, Value[]>();
  const uses = new Map<string, number>();
  const dynamic = new Map<"ctx" | "global", number>();
  let [steps, changes, escapes] = [0, 0, false];

  function add(to: unknown[], values: readonly Value[]): void {
    for (const value of values) {
      if (to.includes(value) || to.length >= SCAN_LIMITS.values) continue;
      to.push(value);
      changes += 1;
    }
  }

  function place<Key>(map: Map<Key, Value[]>, key: Key): Value[] {
    const known = map.get(key) ?? [];
    map.set(key, known);
    return known;
  }

  /** A member of what may stand there; `at` is where the code says so. */
  function member(objects: readonly Value[], key: string | undefined, at: number, chain: number): readonly Value[] {
    const found: Value[] = [];
    let isOwn = false;
    for (const object of objects) {
      if (typeof object === "string") {
        isOwn = true;
        if (key === undefined) {
          if (object === "ctx" || object === "global") note(dynamic, object, at);
        } else if (object.split(".").length < 3) {
          const path = `${object}.${key}`;
          note(uses, path, at);
          found.push(path);
        }
      } else if (object.type === "ObjectExpression" && key !== undefined) {
        found.push(...propertyOf(object, key, at, chain));
      }
    }
    if (!isOwn && key !== undefined) found.push(...(fields.get(key) ?? NOTHING));
    return few(found);
  }

  function propertyOf(
    object: Extract<AnyNode, { type: "ObjectExpression" }>,
    key: string,
    at: number,
    chain: number,
  ): readonly Value[] {
    const scope = around.get(object)!;
    const found: Value[] = [];
    // Through each only so far: a literal of thousands of members is no `ctx`.
    for (const each of object.properties.slice(0, SCAN_LIMITS.members)) {
      steps += 1;
      if (each.type === "SpreadElement")
        found.push(...member(read(each.argument, scope, chain + 1), key, at, chain + 1));
      else if (keyOf(each) === key) found.push(...read(each.value, scope, chain + 1));
    }
    return few(found);
  }

  /** What an expression may come to. */
  function read(node: AnyNode, scope: Scope, chain = 0): readonly Value[] {
    steps += 1;
    if (chain > SCAN_LIMITS.chain || steps > SCAN_LIMITS.steps) return NOTHING;
    switch (node.type) {
      case "Identifier": {
        const binding = lookUp(scope, node.name);
        if (binding) return binding.values as readonly Value[];
        return GLOBALS.has(node.name) ? ["global"] : NOTHING;
      }
      case "MemberExpression":
        return member(
          read(node.object, scope, chain + 1),
          staticKey(node.property, node.computed ? "computed" : "named"),
          node.property.start,
          chain,
        );
      case "ObjectExpression":
      case "FunctionExpression":
      case "FunctionDeclaration":
      case "ArrowFunctionExpression":
        return [node];
      case "ClassExpression":
        return constructorOf(node);
      case "CallExpression": {
        const { callee } = node;
        if (
          callee.type === "MemberExpression" &&
          staticKey(callee.property, callee.computed ? "computed" : "named") === "bind"
        )
          return read(callee.object, scope, chain + 1);
        const found: Value[] = [];
        for (const each of read(callee, scope, chain + 1))
          if (typeof each !== "string") found.push(...(returns.get(each) ?? NOTHING));
        return few(found);
      }
      case "LogicalExpression":
        return few([...read(node.left, scope, chain + 1), ...read(node.right, scope, chain + 1)]);
      case "ConditionalExpression":
        return few([...read(node.consequent, scope, chain + 1), ...read(node.alternate, scope, chain + 1)]);
      case "SequenceExpression":
        return read(node.expressions.at(-1)!, scope, chain + 1);
      case "AssignmentExpression":
        return read(node.right, scope, chain + 1);
      case "ChainExpression":
      case "ParenthesizedExpression":
        return read(node.expression, scope, chain + 1);
      case "AwaitExpression":
        return read(node.argument, scope, chain + 1);
      default:
        return NOTHING;
    }
  }

  function assign(pattern: Pattern, values: readonly Value[], scope: Scope): void {
    steps += 1;
    switch (pattern.type) {
      case "Identifier": {
        const binding = lookUp(scope, pattern.name);
        if (binding) add(binding.values, values);
        return;
      }
      case "MemberExpression": {
        const key = staticKey(pattern.property, pattern.computed ? "computed" : "named");
        if (key !== undefined && values.length > 0) add(place(fields, key), values);
        return;
      }
      case "ObjectPattern":
        for (const each of pattern.properties) {
          if (each.type === "RestElement") assign(each.argument, values, scope);
          else assign(each.value, member(values, keyOf(each), each.key.start, 0), scope);
        }
        return;
      case "AssignmentPattern":
        assign(pattern.left, [...values, ...read(pattern.right, scope)], scope);
        return;
      default:
        return;
    }
  }

  function call(node: Extract<AnyNode, { type: "CallExpression" | "NewExpression" }>, scope: Scope): void {
    let { callee, arguments: args } = node as { callee: AnyNode; arguments: readonly AnyNode[] };
    if (
      callee.type === "MemberExpression" &&
      staticKey(callee.property, callee.computed ? "computed" : "named") === "call"
    )
      [callee, args] = [callee.object, args.slice(1)];
    const callees = read(callee, scope);
    const functions = callees.filter((each): each is FunctionNode => typeof each !== "string" && isFunction(each));
    for (const [i, arg] of args.entries()) {
      const values = read(arg.type === "SpreadElement" ? arg.argument : arg, scope);
      if (values.length === 0) continue;
      for (const each of functions) {
        const param = each.params[i];
        if (param) assign(param, values, within.get(each)!);
      }
      if (functions.length === 0 && values.includes("ctx")) escapes = true;
    }
  }

  function apply({ node, scope }: Tree["nodes"][number]): void {
    switch (node.type) {
      case "VariableDeclarator":
        if (node.init) assign(node.id, read(node.init, scope), scope);
        return;
      case "AssignmentExpression":
        assign(node.left, read(node.right, scope), scope);
        return;
      case "AssignmentPattern":
        assign(node.left, read(node.right, scope), scope);
        return;
      case "CallExpression":
      case "NewExpression":
        return call(node, scope);
      case "ReturnStatement":
        if (node.argument && scope.owner) add(place(returns, scope.owner), read(node.argument, scope));
        return;
      case "ArrowFunctionExpression":
        if (node.expression) add(place(returns, node), read(node.body, within.get(node)!));
        return;
      case "Property":
      case "PropertyDefinition":
      case "MethodDefinition": {
        const key = keyOf(node);
        const values = node.value && key !== undefined ? read(node.value, scope) : NOTHING;
        if (values.length > 0) add(place(fields, key!), values);
        return;
      }
      case "MemberExpression":
        read(node, scope);
        return;
      default:
        return;
    }
  }

  /** Handlers get it: what stands in `hooks` and `routes`, by itself or as `handler`. */
  function enterHandlers(): void {
    for (const table of [...(fields.get("hooks") ?? []), ...(fields.get("routes") ?? [])]) {
      if (typeof table === "string" || table.type !== "ObjectExpression") continue;
      const scope = around.get(table)!;
      for (const each of table.properties) {
        if (each.type === "SpreadElement") continue;
        for (const value of read(each.value, scope)) {
          if (typeof value === "string") continue;
          const handlers = value.type === "ObjectExpression" ? propertyOf(value, "handler", value.start, 0) : [value];
          for (const handler of handlers) {
            if (typeof handler === "string" || !isFunction(handler)) continue;
            const param = handler.params[1];
            if (param) assign(param, ["ctx"], within.get(handler)!);
          }
        }
      }
    }
  }

  let rounds = 0;
  do {
    changes = 0;
    for (const each of nodes) apply(each);
    enterHandlers();
    rounds += 1;
  } while (changes > 0 && rounds < SCAN_LIMITS.rounds && steps < SCAN_LIMITS.steps);
  return { uses, dynamic, escapes, isComplete: changes === 0 && steps < SCAN_LIMITS.steps };
}

/** Each once, and no more than a name holds. */
function few(values: readonly Value[]): readonly Value[] {
  return values.length < 2 ? values : [...new Set(values)].slice(0, SCAN_LIMITS.values);
}

/** The first place counts. */
function note<Key>(map: Map<Key, number>, key: Key, at: number): void {
  const known = map.get(key);
  if (known === undefined || at < known) map.set(key, at);
}
