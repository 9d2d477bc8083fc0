/**
 * How is something switched off, also while the database does not answer? By a flag in KV first, then by an audited row:
 * either alone stops it, and the answer says which of them was reached. Taking a switch back gives powers again, so that
 * needs the database and its audit.
 */
import type { Actor } from "../actor.ts";
import { HostError } from "../errors.ts";
import { commitAct } from "../lifecycle/act.ts";
import type { Services } from "../services.ts";
import { deleteSwitch, putSwitch, selectSwitches, type SwitchRow } from "../store/d1/policy.ts";
import { SWITCH_LIMITS } from "./limits.ts";
import { parseScope, toScopeText, type Scope } from "./scope.ts";
import { within } from "./within.ts";

/** What to switch. */
export interface SwitchChange {
  readonly scope: Scope;
  readonly note: string;
}

/** Which places took the change. */
export interface Reached {
  readonly database: boolean;
  readonly flag: boolean;
}

/** One scope that is off. */
export interface ThrownSwitch {
  readonly scope: string;
  readonly at: string | null;
  readonly by: string | null;
  readonly note: string;
  /** Where it stands; null where the place did not answer. */
  readonly database: boolean | null;
  readonly flag: boolean | null;
}

/** Switches off. Throws UNAVAILABLE where neither place was reached. */
export async function throwSwitch(services: Services, by: Actor, { scope, note }: SwitchChange): Promise<Reached> {
  const text = toScopeText(scope);
  const at = services.now().toISOString();
  const row: SwitchRow = { scope: text, on_at: at, by: by.id, note };
  // SECURITY: the flag needs nothing of the database. (tests/host/kill-switch.source.test.ts, "while the database")
  const flag = await reach(services, "flag", services.flags.raise(text, JSON.stringify({ at, by: by.id, note })));
  const database = await reach(
    services,
    "database",
    commitAct(services, by, async () => ({
      statements: [putSwitch(services.db, row)],
      act: "switch.on",
      target: text,
      detail: { note, flag: flag.ok },
      value: undefined,
    })),
  );
  if (!flag.ok && !database.ok) {
    throw new HostError(
      "UNAVAILABLE",
      `Cannot switch off ${text}: neither the database nor KV answered. Set the variable PLUGINS_OFF=1 and deploy, or try again.`,
    );
  }
  return { database: database.ok, flag: flag.ok };
}

/** Takes a switch back. Throws UNAVAILABLE where the database was not reached, and changes nothing then. */
export async function takeBackSwitch(services: Services, by: Actor, { scope, note }: SwitchChange): Promise<Reached> {
  const text = toScopeText(scope);
  const database = await reach(
    services,
    "database",
    commitAct(services, by, async () => ({
      statements: [deleteSwitch(services.db, text)],
      act: "switch.off",
      target: text,
      detail: { note },
      value: undefined,
    })),
  );
  if (!database.ok) {
    throw new HostError(
      "UNAVAILABLE",
      `Cannot take back the switch for ${text}: the database did not answer, and without its audit nothing is given back. Try again.`,
    );
  }
  const flag = await reach(services, "flag", services.flags.lower(text));
  return { database: true, flag: flag.ok };
}

/** What is off, and whether each place answered. */
export async function listSwitches(
  services: Services,
): Promise<{ readonly items: readonly ThrownSwitch[]; readonly answered: Reached }> {
  const [rows, flags] = await Promise.all([
    reach(services, "database", selectSwitches(services.db).all<SwitchRow>()),
    reach(services, "flag", services.flags.list()),
  ]);
  const known = rows.ok ? rows.value.results : [];
  const flagged = flags.ok ? flags.value : [];
  const isFlagged = (scope: string): boolean | null => (flags.ok ? flagged.some((each) => each.scope === scope) : null);
  const items: ThrownSwitch[] = known.map(({ scope, on_at: at, by, note }) => {
    return { scope, at, by, note, database: true, flag: isFlagged(scope) };
  });
  for (const { scope, value } of flagged) {
    if (known.some((row) => row.scope === scope) || !parseScope(scope).ok) continue;
    items.push({ scope, ...readValue(value), database: rows.ok ? false : null, flag: true });
  }
  return {
    items: items.toSorted((a, b) => (a.scope < b.scope ? -1 : 1)),
    answered: { database: rows.ok, flag: flags.ok },
  };
}

/** What was written with a flag; one set by hand may hold anything. */
function readValue(text: string): Pick<ThrownSwitch, "at" | "by" | "note"> {
  try {
    const value = JSON.parse(text) as Partial<Record<"at" | "by" | "note", unknown>> | null;
    const read = (key: "at" | "by" | "note"): string | null =>
      typeof value?.[key] === "string" ? value[key].slice(0, 2_000) : null;
    return { at: read("at"), by: read("by"), note: read("note") ?? "" };
  } catch {
    return { at: null, by: null, note: text.slice(0, 200) };
  }
}

/** A database that hangs must not keep the switch from answering. */
async function reach<Value>(
  { log }: Services,
  place: keyof Reached,
  work: Promise<Value>,
): Promise<{ readonly ok: true; readonly value: Value } | { readonly ok: false }> {
  try {
    return { ok: true, value: await within(SWITCH_LIMITS.answerMs, work) };
  } catch (error) {
    log("error", "switch not reached", { place, error: String(error) });
    return { ok: false };
  }
}
