/**
 * What happens if the platform fails at one point of an act? Real bindings, counted: every question to D1, KV and R2 is a
 * point. One of them can be refused, can take effect without an answer, or can be the last thing the process does.
 */
import type { TargetEnv } from "../support/target.ts";

/** How a point fails. */
export type Fault = "refused" | "answer lost" | "stopped";

/** A question to a binding. */
export interface Point {
  /** The binding and the method, with the beginning of a statement: `DB.batch`, `DB.first SELECT id FROM`. */
  readonly name: string;
  /** Whether it may change something; only then losing an answer is another thing than being refused. */
  readonly writes: boolean;
}

/** Bindings that fail once. */
export interface FaultyBindings<Env> {
  readonly env: Env;
  /** All points so far. */
  readonly points: readonly Point[];
  /** Resolves at the moment the process "stops": nothing answers any more. */
  readonly stopped: Promise<"stopped">;
}

/** @param fault which point fails, counted from 0, and how; without it all work. */
export function failOnce<Env extends TargetEnv>(
  env: Env,
  fault?: { readonly at: number; readonly how: Fault },
): FaultyBindings<Env> {
  const points: Point[] = [];
  let isStopped = false;
  let stop: (how: "stopped") => void;
  const stopped = new Promise<"stopped">((resolve) => (stop = resolve));
  const never = () => new Promise<never>(() => {});

  async function pass<Value>(point: Point, run: () => Promise<Value>): Promise<Value> {
    if (isStopped) return never();
    const at = points.push(point) - 1;
    if (at !== fault?.at) return run();
    if (fault.how === "refused") throw new Error(`${point.name} is refused`);
    const value = await run();
    void value;
    if (fault.how === "answer lost") throw new Error(`${point.name}: the answer is lost`);
    isStopped = true;
    stop("stopped");
    return never();
  }

  const originals = new WeakMap<object, D1PreparedStatement>();
  function statement(real: D1PreparedStatement, sql: string): D1PreparedStatement {
    const writes = !/^\s*(SELECT|WITH)\b/i.test(sql);
    const head = sql.trim().replaceAll(/\s+/g, " ").slice(0, 40);
    const proxy = new Proxy(real, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        const method = member.bind(target) as (...args: unknown[]) => unknown;
        if (name === "bind") return (...values: unknown[]) => statement(method(...values) as D1PreparedStatement, sql);
        return (...args: unknown[]) =>
          pass({ name: `DB.${String(name)} ${head}`, writes }, () => method(...args) as Promise<unknown>);
      },
    });
    originals.set(proxy, real);
    return proxy;
  }

  function wrap<Binding extends object>(binding: Binding, label: string, writing: ReadonlySet<string>): Binding {
    return new Proxy(binding, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        const method = member.bind(target) as (...args: unknown[]) => unknown;
        const point = { name: `${label}.${String(name)}`, writes: writing.has(String(name)) };
        if (name === "prepare") return (sql: string) => statement(method(sql) as D1PreparedStatement, sql);
        if (name === "batch")
          return (list: readonly object[]) =>
            pass(point, () => method(list.map((each) => originals.get(each) ?? each)) as Promise<unknown>);
        return (...args: unknown[]) => pass(point, () => method(...args) as Promise<unknown>);
      },
    });
  }

  return {
    env: {
      ...env,
      DB: wrap(env.DB, "DB", new Set(["batch", "exec"])),
      CACHE: wrap(env.CACHE, "KV", new Set(["put", "delete"])),
      BUNDLES: wrap(env.BUNDLES, "R2", new Set(["put", "delete"])),
    },
    points,
    stopped,
  };
}
