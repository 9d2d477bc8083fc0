/**
 * What may an expression come to? `ctx` and what is below it, functions and object literals; everything else is nothing to
 * this scan. What names, properties and calls hold is put in by `flow.ts`, round by round.
 */
import type { AnyNode } from "acorn";
import { SCAN_LIMITS } from "./limits.ts";
import { lookUp, type Scope, type Tree } from "./scopes.ts";
import { constructorOf, keyOf, staticKey } from "./tree.ts";

/** A path that begins with `ctx` or `global`, a function, or an object literal. */
export type Value = string | AnyNode;

/** What is known of values so far. */
export interface Values {
  /** What properties of a name hold, whichever object has them. */
  readonly fields: Map<string, Value[]>;
  /** What functions answer. */
  readonly returns: Map<AnyNode, Value[]>;
  /** Paths such as `ctx.content.create`, with where each stands first. */
  readonly uses: Map<string, number>;
  /** Where a member of `ctx` or of the global object is taken by a name that only shows when the code runs. */
  readonly dynamic: Map<"ctx" | "global", number>;
  readonly meter: { steps: number };
  /** What an expression may come to. */
  read(node: AnyNode, scope: Scope, chain?: number): readonly Value[];
  /** A member of what may stand there; `at` is where the code says so. */
  member(objects: readonly Value[], key: string | undefined, at: number, chain?: number): readonly Value[];
}

/** Nothing that is followed. */
export const NOTHING: readonly Value[] = [];

const GLOBALS = new Set(["globalThis", "self", "window", "global"]);

/** Values of a tree, of which nothing is known yet. */
export function createValues({ around }: Pick<Tree, "around">): Values {
  const fields = new Map<string, Value[]>();
  const returns = new Map<AnyNode, Value[]>();
  const uses = new Map<string, number>();
  const dynamic = new Map<"ctx" | "global", number>();
  const meter = { steps: 0 };

  function member(objects: readonly Value[], key: string | undefined, at: number, chain = 0): readonly Value[] {
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
      meter.steps += 1;
      if (each.type === "SpreadElement")
        found.push(...member(read(each.argument, scope, chain + 1), key, at, chain + 1));
      else if (keyOf(each) === key) found.push(...read(each.value, scope, chain + 1));
    }
    return few(found);
  }

  function read(node: AnyNode, scope: Scope, chain = 0): readonly Value[] {
    meter.steps += 1;
    if (chain > SCAN_LIMITS.chain || meter.steps > SCAN_LIMITS.steps) return NOTHING;
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

  return { fields, returns, uses, dynamic, meter, read, member };
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
