/** Which policy and which switches hold now? As rows and flags say; a document this code cannot read closes everything. */
import type { Services } from "../services.ts";
import { selectPolicy, selectSwitches, type PolicyRow, type SwitchRow } from "../store/d1/policy.ts";
import { toKeys } from "../publishers/keys.ts";
import { selectPublisherKeys, type PublisherKeyRow } from "../store/d1/publishers.ts";
import type { Bounds } from "./bounds.ts";
import { CLOSED_POLICY, OPEN_POLICY, parsePolicy, type Policy } from "./document.ts";
import { SWITCH_LIMITS } from "./limits.ts";
import { parseScope, type Switch } from "./scope.ts";
import { within } from "./within.ts";

/** The policy in force. */
export interface PolicyInForce {
  /** 0 before the first. */
  readonly version: number;
  readonly policy: Policy;
  /** Why the stored document cannot be read, where it cannot. */
  readonly fault: string | null;
  readonly row: PolicyRow | undefined;
}

/** Reads it from its row. Pure. */
export function toPolicyInForce(row: PolicyRow | undefined): PolicyInForce {
  if (!row) return { version: 0, policy: OPEN_POLICY, fault: null, row };
  const { version } = row;
  try {
    const parsed = parsePolicy(JSON.parse(row.document));
    if (parsed.ok) return { version, policy: parsed.value, fault: null, row };
    const fault = parsed.reason.map(({ path, message }) => `${path}: ${message}`).join("; ");
    return { version, policy: CLOSED_POLICY, fault: fault.slice(0, 1_000), row };
  } catch {
    return { version, policy: CLOSED_POLICY, fault: "The stored document is no JSON", row };
  }
}

/** The switches that rows and flags say are thrown, each once. A flag this code does not know switches nothing. */
export function toSwitches(rows: readonly SwitchRow[], flagged: readonly string[]): readonly Switch[] {
  const known = new Set(rows.map((row) => row.scope));
  const thrown = [
    ...rows.map((row) => ({ scope: row.scope, at: row.on_at })),
    ...flagged.filter((scope) => !known.has(scope)).map((scope) => ({ scope, at: null })),
  ];
  return thrown.flatMap(({ scope, at }) => {
    const parsed = parseScope(scope);
    return parsed.ok ? [{ scope: parsed.value, at }] : [];
  });
}

/** The policy in force. */
export async function readPolicy(db: D1Database): Promise<PolicyInForce> {
  return toPolicyInForce((await selectPolicy(db).first<PolicyRow>()) ?? undefined);
}

/** Everything that bounds plugins now, read anew. For acts; a request has the registry's snapshot. */
export async function readBounds({ db, flags, log }: Pick<Services, "db" | "flags" | "log">): Promise<Bounds> {
  const [[policy, switches, keys], flagged] = await Promise.all([
    db.batch([selectPolicy(db), selectSwitches(db), selectPublisherKeys(db)]),
    within(SWITCH_LIMITS.flagReadMs, flags.read()).catch((error: unknown) => {
      log("error", "flags unknown", { reason: String(error) });
      return [];
    }),
  ]);
  return {
    policy: toPolicyInForce((policy?.results as PolicyRow[] | undefined)?.[0]).policy,
    switches: toSwitches((switches?.results ?? []) as SwitchRow[], flagged),
    keys: toKeys((keys?.results ?? []) as PublisherKeyRow[]),
  };
}
