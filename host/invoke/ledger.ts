/**
 * Who pays for an entry? The host request has one ledger for all plugins; an entry that a plugin's call leads to is paid
 * by that plugin, out of what its own entry has left. So no number of hooks, and no number of saves, adds up beyond what
 * one request may use.
 */
import type { Meter, Usage } from "../../sandbox/index.ts";
import type { CallKind } from "../bridges/define-bridge.ts";
import {
  REQUEST_BUDGETS,
  type Allowance,
  type Budget,
  type InvocationKind,
  type Plan,
  type RequestBudget,
} from "./budgets.ts";

/** What an entry was given, or which limit of its payer is used up. */
export type Drawn =
  { readonly ok: true; readonly draw: Draw } | { readonly ok: false; readonly reason: "fuel" | "wall" };

/** What an entry may spend at most, and how it is settled. */
export interface Draw {
  readonly fuel: number;
  readonly wallMs: number;
  /** Tells what was used in the end. Once. */
  settle(fuel: number): void;
}

/** Something that pays for entries. */
export interface Purse {
  /** Sets at most the wanted fuel aside. What is set aside is nobody else's until it is settled. */
  draw(wanted: Pick<Allowance, "fuel" | "wallMs">): Drawn;
  /** Whether anything is left at all. */
  canPay(): boolean;
  /** Pays for what nothing was set aside for. */
  spend(fuel: number): void;
}

/** Bytes to and from plugins. */
export type Traffic = Pick<RequestBudget, "bytesIn" | "bytesOut">;

/** The ledger of one host request. */
export interface Ledger extends Purse {
  /** The first entry decides what the request is, and so what it may use. */
  open(kind: InvocationKind): void;
  /** Counts a call, or so many statements of D1; false, and nothing counted, where the request has not as many left. */
  count(kind: CallKind | "query", amount?: number): boolean;
  /** Sets at most the wanted bytes aside for an entry, whoever pays for its fuel. Settled once. */
  drawBytes(wanted: Traffic): Traffic & { settle(used: Traffic): void };
  /** What the request may use. */
  readonly budget: () => RequestBudget | undefined;
}

/** The purse of one entry, for what its calls lead to. */
export interface EntryPurse extends Purse {
  /** What the entry itself has left is read here, from its first call on. */
  meter(meter: Meter): void;
  /** The entry has ended: what it did not use may still pay for what its saves set off. */
  end(usage: Usage): void;
}

/** The same purse, telling what is paid out of it in the end. */
export function tellSpent(purse: Purse, onSpent: (fuel: number) => void): Purse {
  return {
    canPay: () => purse.canPay(),
    spend(fuel) {
      onSpent(fuel);
      purse.spend(fuel);
    },
    draw(wanted) {
      const drawn = purse.draw(wanted);
      if (!drawn.ok) return drawn;
      const settle = (fuel: number): void => {
        onSpent(fuel);
        drawn.draw.settle(fuel);
      };
      return { ok: true, draw: { ...drawn.draw, settle } };
    },
  };
}

/** An empty ledger. `now` in milliseconds. */
export function createLedger(plan: Plan, now: () => number): Ledger {
  let budget: RequestBudget | undefined;
  let startedAt = 0;
  let fuel = 0;
  let setAside = 0;
  const calls = { data: 0, request: 0, query: 0 };
  /** What is left after all that was used or set aside. */
  const bytes = { bytesIn: 0, bytesOut: 0 };

  return {
    budget: () => budget,
    open(kind) {
      if (budget) return;
      budget = REQUEST_BUDGETS[plan][kind];
      startedAt = now();
      fuel = budget.fuel;
      bytes.bytesIn = budget.bytesIn;
      bytes.bytesOut = budget.bytesOut;
    },
    draw(wanted) {
      const given = Math.min(wanted.fuel, fuel - setAside);
      if (given <= 0) return { ok: false, reason: "fuel" };
      const wallMs = Math.min(wanted.wallMs, (budget?.wallMs ?? 0) - (now() - startedAt));
      if (wallMs <= 0) return { ok: false, reason: "wall" };
      setAside += given;
      const settle = (used: number): void => {
        setAside -= given;
        fuel -= used;
      };
      return { ok: true, draw: { fuel: given, wallMs, settle } };
    },
    canPay: () => fuel - setAside > 0,
    spend(used) {
      fuel -= used;
    },
    drawBytes(wanted) {
      const bytesIn = Math.max(0, Math.min(wanted.bytesIn, bytes.bytesIn));
      const bytesOut = Math.max(0, Math.min(wanted.bytesOut, bytes.bytesOut));
      bytes.bytesIn -= bytesIn;
      bytes.bytesOut -= bytesOut;
      const settle = (used: Traffic): void => {
        bytes.bytesIn += bytesIn - used.bytesIn;
        bytes.bytesOut += bytesOut - used.bytesOut;
      };
      return { bytesIn, bytesOut, settle };
    },
    count(kind, amount = 1) {
      if (kind === "compute" || !budget) return true;
      const most = { data: budget.hostCalls, request: budget.requests, query: budget.queries }[kind];
      if (calls[kind] + amount > most) return false;
      calls[kind] += amount;
      return true;
    },
  };
}

/** The purse of an entry that was given `limits` out of `payer`. */
export function createEntryPurse(limits: Pick<Budget, "fuel" | "wallMs">, payer: Purse, now: () => number): EntryPurse {
  const startedAt = now();
  let running: Meter | undefined;
  let rest = limits.fuel;
  let setAside = 0;
  let isOver = false;

  const left = (): number => (isOver || !running ? rest : running.fuelLeft()) - setAside;

  function spend(used: number): void {
    if (isOver || !running) {
      rest -= used;
      payer.spend(used);
      return;
    }
    // What it cannot pay any more, having worked on meanwhile, its payer pays; the entry ends all the same.
    payer.spend(Math.max(0, used - running.fuelLeft()));
    running.charge(used);
  }

  return {
    meter(meter) {
      running = meter;
    },
    end(usage) {
      isOver = true;
      rest = Math.max(0, limits.fuel - usage.fuel);
    },
    spend,
    canPay: () => left() > 0,
    draw(wanted) {
      const given = Math.min(wanted.fuel, left());
      if (given <= 0) return { ok: false, reason: "fuel" };
      const wallMs = Math.min(wanted.wallMs, limits.wallMs - (now() - startedAt));
      if (wallMs <= 0) return { ok: false, reason: "wall" };
      // What the entry did not use went back to its payer, which may have given it to another since.
      const inner = isOver ? payer.draw({ fuel: given, wallMs }) : undefined;
      if (inner && !inner.ok) return inner;
      const fuel = inner?.draw.fuel ?? given;
      setAside += fuel;
      const settle = (used: number): void => {
        setAside -= fuel;
        if (!inner) return spend(used);
        rest -= used;
        inner.draw.settle(used);
      };
      return { ok: true, draw: { fuel, wallMs: inner?.draw.wallMs ?? wallMs, settle } };
    },
  };
}
