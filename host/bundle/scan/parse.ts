/**
 * What is the syntax tree of a stranger's code? acorn reads it; nesting and size are counted while it does, so that neither
 * stack nor memory is the code's to use up.
 */
import { Parser, type Program } from "acorn";
import { fail, ok, type Result } from "../../result.ts";
import { SCAN_LIMITS } from "./limits.ts";

/** Why there is no tree. */
export type ParseReason =
  | { readonly kind: "limit"; readonly what: "nodes" | "nesting" | "number" }
  | { readonly kind: "syntax"; readonly message: string };

class Stopped extends Error {
  readonly what: "nodes" | "nesting" | "number";
  constructor(what: Stopped["what"]) {
    super(what);
    this.what = what;
  }
}

/** The methods that are counted. Every recursion of acorn goes through one of the first. */
interface Internals {
  readonly input: string;
  readonly pos: number;
  parseStatement(...args: unknown[]): unknown;
  parseMaybeAssign(...args: unknown[]): unknown;
  parseMaybeUnary(...args: unknown[]): unknown;
  parseExprAtom(...args: unknown[]): unknown;
  parseExprOp(...args: unknown[]): unknown;
  parseBindingAtom(...args: unknown[]): unknown;
  finishNode(...args: unknown[]): unknown;
  finishNodeAt(...args: unknown[]): unknown;
  readNumber(...args: unknown[]): unknown;
  readRadixNumber(...args: unknown[]): unknown;
}

const LONG_NUMBER = new RegExp(`[0-9A-Za-z_.]{${SCAN_LIMITS.numberChars}}`, "y");

const BoundedParser = Parser.extend((given) => {
  const Base = given as unknown as new (...args: unknown[]) => Internals;
  class Bounded extends Base {
    depth = 0;
    nodes = 0;
    operators = 0;

    // SECURITY: before the stack ends, and before memory does. (tests/bundle/scan-bounds.test.ts, "hostile nesting")
    enter(): void {
      this.depth += 1;
      if (this.depth > SCAN_LIMITS.nesting) throw new Stopped("nesting");
    }
    count(): void {
      this.nodes += 1;
      if (this.nodes > SCAN_LIMITS.nodes) throw new Stopped("nodes");
    }
    nested(node: unknown): unknown {
      this.depth -= 1;
      return node;
    }
    override parseStatement(...args: unknown[]): unknown {
      this.enter();
      return this.nested(super.parseStatement(...args));
    }
    override parseMaybeAssign(...args: unknown[]): unknown {
      this.enter();
      return this.nested(super.parseMaybeAssign(...args));
    }
    override parseMaybeUnary(...args: unknown[]): unknown {
      this.enter();
      return this.nested(super.parseMaybeUnary(...args));
    }
    override parseExprAtom(...args: unknown[]): unknown {
      this.enter();
      return this.nested(super.parseExprAtom(...args));
    }
    /** One within the other for each operator, of which a chain may have more than people nest brackets. */
    override parseExprOp(...args: unknown[]): unknown {
      this.operators += 1;
      if (this.operators > SCAN_LIMITS.operators) throw new Stopped("nesting");
      const node = super.parseExprOp(...args);
      this.operators -= 1;
      return node;
    }
    override parseBindingAtom(...args: unknown[]): unknown {
      this.enter();
      return this.nested(super.parseBindingAtom(...args));
    }
    override finishNode(...args: unknown[]): unknown {
      this.count();
      return super.finishNode(...args);
    }
    override finishNodeAt(...args: unknown[]): unknown {
      this.count();
      return super.finishNodeAt(...args);
    }
    /** A number of a million digits is a sum of its own. */
    assertNumber(): void {
      LONG_NUMBER.lastIndex = this.pos;
      if (LONG_NUMBER.test(this.input)) throw new Stopped("number");
    }
    override readNumber(...args: unknown[]): unknown {
      this.assertNumber();
      return super.readNumber(...args);
    }
    override readRadixNumber(...args: unknown[]): unknown {
      this.assertNumber();
      return super.readRadixNumber(...args);
    }
    // What is declared twice or exported in vain is the engine's to refuse; here it would be compared with all names before.
    declareName(): void {}
    checkLocalExport(): void {}
    // The engine's as well, and a recursion of its own.
    validateRegExpFlags(): void {}
    validateRegExpPattern(): void {}
  }
  return Bounded as unknown as typeof Parser;
});

/** Parses a module. Never throws. */
export function parseCode(code: string): Result<Program, ParseReason> {
  try {
    return ok(BoundedParser.parse(code, { ecmaVersion: "latest", sourceType: "module" }));
  } catch (error) {
    if (error instanceof Stopped) return fail({ kind: "limit", what: error.what });
    const message = error instanceof Error ? error.message : "unreadable";
    // Where the stack is smaller than the limits think.
    const isStack = error instanceof RangeError || message.startsWith("Not enough stack");
    return fail(isStack ? { kind: "limit", what: "nesting" } : { kind: "syntax", message });
  }
}
