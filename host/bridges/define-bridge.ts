/**
 * What is a bridge method? One row: name, capability, argument schema, cost, handler. `ctx`, dispatch, checks, budgets
 * and consent all derive from these rows; a method is nothing but its row.
 */
import type { Capability } from "@bulkhead/sdk";
import type { z } from "zod";
import type { Actor } from "../actor.ts";
import type { Bodies } from "./bodies.ts";
import type { Hooks } from "../hooks/hooks.ts";
import type { ActivePlugin } from "../registry/active-plugin.ts";
import type { OwnHosts } from "../network/own-hosts.ts";
import type { Services } from "../services.ts";
import type { ReadSettings } from "../settings/read.ts";
import type { CountUse, MeterName } from "../usage/meters.ts";
import type { StoredChange } from "../usage/stored-change.ts";
import type { Gate } from "./gate.ts";

/** What a call draws on: `data` calls go to D1 or KV, `request` calls to the network, `compute` calls only use CPU. */
export type CallKind = "data" | "request" | "compute";

/** What a handler knows of the call it serves. Authority comes from here, never from the arguments. */
export interface BridgeCall {
  readonly plugin: ActivePlugin;
  readonly actor: Actor;
  /** The host's, but what goes through its database and its sender is counted for the plugin. */
  readonly services: Services;
  /** For what a handler learns only while it works: each hop of a redirect, the tables of a statement. */
  readonly gate: Gate;
  /** The plugin's settings, read once per invocation. */
  readonly settings: () => Promise<ReadSettings>;
  /** The hooks of other plugins, for what else the call does. */
  readonly hooks: Hooks;
  /** The site's address without a slash at its end; empty where nobody has said it yet. */
  readonly siteUrl: string;
  /** Bodies of requests and answers that come and go in parts. */
  readonly bodies: Bodies;
  /** Names of the site itself. */
  readonly ownHosts: OwnHosts;
  /** Counts what the handler alone knows, e.g. the tokens of an answer. */
  readonly count: CountUse;
  readonly storage: CallStorage;
  /** Before a request that a redirect leads to: throws BUDGET_EXCEEDED where the host request may send no more. */
  readonly beforeHop: () => void;
  /** Aborted when the invocation ends. */
  readonly signal: AbortSignal;
}

/** What a plugin may store, for a call whose row cannot say what it adds. */
export interface CallStorage {
  /** Bytes it may have stored at all. */
  readonly mostBytes: number;
  /** Bytes of them that are left, as far as is known. */
  readonly leftBytes: () => number;
  /** Up to so many more came than the row said. */
  readonly grew: (bytes: number) => void;
}

/** One method. The arguments are a tuple: the positional arguments of the guest's call. */
export interface BridgeMethod {
  /** `<family>.<method>`, as in `ctx.<family>.<method>()`. */
  readonly name: string;
  /** The host's half in the VM calls it on behalf of another method; `ctx` has no name for it. */
  readonly isInternal?: true;
  /** What must be granted; null for the plugin's own namespace. */
  readonly capability: Capability | null;
  /** One sentence for the reference. */
  readonly summary: string;
  readonly args: z.ZodType<readonly unknown[]>;
  /** Of what the capability may be narrowed to, the name a call uses; absent where the arguments do not tell. */
  readonly target?: (...args: readonly unknown[]) => string;
  readonly kind: CallKind;
  /** What one call draws from the budget of its kind. Default: 1. For `compute`: characters of input. */
  readonly cost?: (...args: readonly unknown[]) => number;
  /** Whether it may change rows; otherwise it only reads them. */
  readonly writes?: true | ((...args: readonly unknown[]) => boolean);
  /** Meters it draws on besides those of its kind; it is refused once one of them is used up. */
  readonly draws?: readonly MeterName[];
  /** What a call changes in what the plugin has stored, where it changes anything of the plugin's own. */
  readonly stores?: (...args: readonly unknown[]) => StoredChange | undefined;
  /**
   * What a call is about to do outside the database that nothing here would show if the Worker stopped now, in a few words
   * without anybody's data; undefined for a call that does nothing of the kind. It is written down before the call.
   */
  readonly outside?: (...args: readonly unknown[]) => string | undefined;
  /** Performs the call. Its result is sent as JSON; undefined reads as null. */
  readonly handler: (call: BridgeCall, ...args: readonly unknown[]) => Promise<unknown>;
}

/** A method as its family declares it; the handler's arguments have the types of the schema. */
export interface MethodDeclaration<Schema extends z.ZodType<readonly unknown[]>> extends Omit<
  BridgeMethod,
  "args" | "target" | "cost" | "writes" | "stores" | "outside" | "handler"
> {
  readonly args: Schema;
  readonly target?: (...args: z.output<Schema>) => string;
  readonly cost?: (...args: z.output<Schema>) => number;
  readonly writes?: true | ((...args: z.output<Schema>) => boolean);
  readonly stores?: (...args: z.output<Schema>) => StoredChange | undefined;
  readonly outside?: (...args: z.output<Schema>) => string | undefined;
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
    code:
      | "DENIED"
      | "INVALID_ARGUMENT"
      | "BUDGET_EXCEEDED"
      | "QUOTA_EXCEEDED"
      | "NOT_FOUND"
      | "CONFLICT"
      | "FAILED"
      | "NOT_CONFIGURED",
    message: string,
  ) {
    super(message);
    this.code = code;
  }
}
