/**
 * What is a bridge method? One row: name, capability, argument schema, cost, handler. `ctx`, dispatch, checks, budgets
 * and consent all derive from these rows; a method is nothing but its row.
 */
import type { Capability } from "@bulkhead/sdk";
import type { z } from "zod";
import type { Actor } from "../actor.ts";
import type { ContentService } from "../content/service.ts";
import type { Grant } from "../permissions/grant.ts";
import type { ActivePlugin } from "../registry/active-plugin.ts";
import type { Services } from "../services.ts";
import type { ReadSettings } from "../settings/read.ts";

/** What a call draws on: `data` calls go to D1 or KV, `request` calls to the network, `compute` calls only use CPU. */
export type CallKind = "data" | "request" | "compute";

/** What a handler knows of the call it serves. Authority comes from here, never from the arguments. */
export interface BridgeCall {
  readonly plugin: ActivePlugin;
  readonly actor: Actor;
  readonly services: Services;
  /** The plugin's grants now, at most a second old; null where this version no longer runs. */
  readonly grants: () => Promise<readonly Grant[] | null>;
  /** The plugin's settings, read once per invocation. */
  readonly settings: () => Promise<ReadSettings>;
  /** The site's content; its saves run the hooks of other plugins. */
  readonly content: ContentService;
  /** Aborted when the invocation ends. */
  readonly signal: AbortSignal;
}

/** One method. The arguments are a tuple: the positional arguments of the guest's call. */
export interface BridgeMethod {
  /** `<family>.<method>`, as in `ctx.<family>.<method>()`. */
  readonly name: string;
  /** What must be granted; null for the plugin's own namespace. */
  readonly capability: Capability | null;
  /** One sentence for the reference. */
  readonly summary: string;
  readonly args: z.ZodType<readonly unknown[]>;
  readonly kind: CallKind;
  /** What one call draws from the budget of its kind. Default: 1. For `compute`: characters of input. */
  readonly cost?: (...args: readonly unknown[]) => number;
  /** Performs the call. Its result is sent as JSON; undefined reads as null. */
  readonly handler: (call: BridgeCall, ...args: readonly unknown[]) => Promise<unknown>;
}

/** A method as its family declares it; the handler's arguments have the types of the schema. */
export interface MethodDeclaration<Schema extends z.ZodType<readonly unknown[]>> extends Omit<
  BridgeMethod,
  "args" | "cost" | "handler"
> {
  readonly args: Schema;
  readonly cost?: (...args: z.output<Schema>) => number;
  readonly handler: (call: BridgeCall, ...args: z.output<Schema>) => Promise<unknown>;
}

/** Declares a method. */
export function defineMethod<Schema extends z.ZodType<readonly unknown[]>>(
  method: MethodDeclaration<Schema>,
): BridgeMethod {
  return method as unknown as BridgeMethod;
}

/** A refusal or failure that the guest is meant to read. Everything else a handler throws reads INTERNAL. */
export class BridgeError extends Error {
  override readonly name = "BridgeError";
  readonly code: string;

  constructor(
    code: "DENIED" | "INVALID_ARGUMENT" | "BUDGET_EXCEEDED" | "NOT_FOUND" | "CONFLICT" | "FAILED" | "NOT_CONFIGURED",
    message: string,
  ) {
    super(message);
    this.code = code;
  }
}
