/**
 * Where does `ctx` go? From the second parameter of every exported hook and route through names, destructuring, properties
 * and calls. A property is one place for all objects that have it, so this guesses a little too much; what it follows is
 * capped, so it may also see too little. SECURITY: nothing rests on it; what a plugin may do its grants decide at each call.
 * (tests/host/scan.test.ts, "guards nothing")
 */
import type { AnyNode, Pattern } from "acorn";
import { SCAN_LIMITS } from "./limits.ts";
import { lookUp, type Scope, type Tree } from "./scopes.ts";
import { isFunction, keyOf, staticKey, type FunctionNode } from "./tree.ts";
import { createValues, NOTHING, type Value } from "./values.ts";

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

/** Follows it. */
export function followContext(tree: Tree): Flow {
  const { nodes, within, around } = tree;
  const { fields, returns, uses, dynamic, meter, read, member } = createValues(tree);
  let [changes, escapes] = [0, false];

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

  function assign(pattern: Pattern, values: readonly Value[], scope: Scope): void {
    meter.steps += 1;
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
          else assign(each.value, member(values, keyOf(each), each.key.start), scope);
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
          const handlers = value.type === "ObjectExpression" ? member([value], "handler", value.start) : [value];
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
  } while (changes > 0 && rounds < SCAN_LIMITS.rounds && meter.steps < SCAN_LIMITS.steps);
  return { uses, dynamic, escapes, isComplete: changes === 0 && meter.steps < SCAN_LIMITS.steps };
}
