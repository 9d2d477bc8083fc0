/**
 * What did plugins do during this host request? Collected in memory and written as one batch at its end, so that a page
 * view costs at most one write. A failure to write is logged and never fails the request. Only the row of an entry that is
 * about to act outside the database is written ahead of its end.
 */
import type { Outcome } from "../../sandbox/index.ts";
import { createDenialTally, DENIAL_LIMITS, toDenialRows } from "../audit/denials.ts";
import type { ActivePlugin } from "../registry/active-plugin.ts";
import type { Decided } from "../bridges/gate.ts";
import { REDACTED, type Redact, type Redactors } from "../settings/redactor.ts";
import type { Services } from "../services.ts";
import { addDenials } from "../store/d1/denials.ts";
import { putNotices, putRecords, putStarted, type InvocationRow, type LogRow } from "../store/d1/invocations.ts";
import { addAmounts } from "../store/d1/meters.ts";
import { addUsage } from "../store/d1/usage.ts";
import { createAccount, type Usage } from "../usage/account.ts";
import type { MeterName } from "../usage/meters.ts";
import { toNoticeLine } from "../usage/notice-line.ts";
import type { QuotaWatch } from "../usage/quota-watch.ts";
import { createTally } from "../usage/tally.ts";
import { OTHER_TARGETS, type NameTarget } from "../usage/target-names.ts";
import { toHour } from "../usage/windows.ts";
import { cleanText } from "../trace/clean.ts";
import { readErrors, type RawError } from "../trace/stack.ts";
import type { Tracer } from "../trace/tracer.ts";
import type { InvocationKind } from "./budgets.ts";
import { describeFailure } from "./failure.ts";

/** One entry into a plugin. */
export interface StartedEntry {
  readonly id: string;
  readonly plugin: ActivePlugin;
  readonly kind: InvocationKind;
  readonly name: string;
}

/** One that has ended, to be recorded. */
export interface RecordedEntry extends StartedEntry {
  readonly outcome: Outcome;
  readonly requests: number;
}

/** Collects records. */
export interface Recorder {
  /**
   * Writes an entry's row now, before what it is about to do outside the database; `add` replaces it. Once for each entry:
   * later calls wait for the first. Rejects where the database does not take it.
   */
  writeAhead(entry: StartedEntry, outside: string): Promise<void>;
  add(entry: RecordedEntry): void;
  /** Counts what the gate decided. */
  decided(plugin: ActivePlugin, decided: Decided): void;
  /** Counts an amount of a meter, for its quota at once and for the accounts with the rest. */
  count(plugin: string, meter: MeterName, amount: number): void;
  log(plugin: ActivePlugin, invocation: string, line: Pick<LogRow, "level" | "message" | "data">): void;
  /** Writes what was collected. */
  flush(): Promise<void>;
}

/** Characters of a log line's message and data that are kept. */
const LINE_CHARS = 4_000;
/** Lines of one plugin that one host request keeps, over all its invocations; the last says that more were dropped. */
const LINES_PER_PLUGIN = 500;
/** Milliseconds from which on a page hook that worked is recorded all the same. */
const SLOW_PAGE_MS = 50;

/** An invocation whose places are looked up when it is written. */
interface Pending {
  readonly plugin: ActivePlugin;
  readonly row: InvocationRow;
  readonly thrown: { readonly errors: readonly RawError[]; readonly digest: string } | undefined;
}

/** A line as the plugin said it. */
interface Line {
  readonly plugin: ActivePlugin;
  readonly row: LogRow;
}

/** What the recorders of an isolate share. */
export interface RecorderParts {
  readonly redactors: Redactors;
  readonly usage: QuotaWatch;
  readonly nameTarget: NameTarget;
}

/** What a row says of an entry that has not ended. */
const NOTHING_YET = {
  duration_ms: 0,
  fuel: 0,
  peak_bytes: 0,
  host_calls: 0,
  requests: 0,
  bytes_in: 0,
  bytes_out: 0,
  error: null,
  trace: null,
} as const;

/** A recorder for one host request. */
export function createRecorder(
  services: Services,
  tracer: Tracer,
  { redactors, usage, nameTarget }: RecorderParts,
): Recorder {
  let invocations: Pending[] = [];
  let logs: Line[] = [];
  /** Entries whose row was written ahead and is to be replaced. */
  const ahead = new Map<string, { readonly outside: string; readonly written: Promise<void> }>();
  const counts = new Map<string, number>();
  const account = createAccount((...power) => nameTarget(...power, toHour(services.now())));
  const tally = createDenialTally(services.now);
  const amountTally = createTally();
  /** Those whose targets are counted; a target is a plugin's own word. */
  const deciders = new Map<string, ActivePlugin>();
  /** Plugins that were told in this request that their lines are not kept. */
  const silenced = new Set<string>();

  function toIdentity({ id, plugin, kind, name }: StartedEntry) {
    return { id, plugin_id: plugin.id, version: plugin.version, at: services.now().toISOString(), kind, name };
  }

  /**
   * How to redact what was counted. SECURITY: who reads a secret may ask for a collection or a host of that name.
   * (tests/host/redaction.test.ts, "in the place of a name")
   */
  async function redactCounted(): Promise<(plugin: string) => Redact> {
    const found = await Promise.all(
      [...deciders.values()].map(async (plugin) => [plugin.id, await redactors(plugin)] as const),
    );
    const byPlugin = new Map(found);
    return (plugin) => byPlugin.get(plugin) ?? (() => REDACTED);
  }

  function count(plugin: string, meter: MeterName, amount: number): void {
    amountTally.add({ plugin, meter, amount });
    usage.count({ plugin, meter, amount });
  }

  return {
    count,
    decided(active, decided) {
      const { id: plugin } = active;
      deciders.set(plugin, active);
      const { as } = decided;
      if (as === "calls") account.add({ plugin, as, capability: decided.capability, target: decided.target });
      else account.add({ plugin, as, capability: decided.denial.capability });
      if (as === "denied") tally.add(plugin, decided.denial);
    },
    writeAhead(entry, outside) {
      const known = ahead.get(entry.id);
      if (known) return known.written;
      const identity = toIdentity(entry);
      const written = (async () => {
        const redact = await redactors(entry.plugin);
        const row: InvocationRow = { ...identity, ...NOTHING_YET, status: "started", outside: redact(outside) };
        await putStarted(services.db, row).run();
      })();
      ahead.set(entry.id, { outside, written });
      // The next call tries again.
      written.catch(() => ahead.delete(entry.id));
      return written;
    },
    add(entry) {
      const { id, plugin, kind, outcome, requests } = entry;
      const outside = ahead.get(id)?.outside ?? null;
      ahead.delete(id);
      // A page hook that worked in time leaves no trace: it runs at every view. What was written ahead gets its end.
      if (outside === null && outcome.ok && kind === "page" && outcome.usage.durationMs < SLOW_PAGE_MS) return;
      const { usage } = outcome;
      const row: InvocationRow = {
        ...toIdentity(entry),
        status: outcome.ok ? "ok" : outcome.failure.kind,
        duration_ms: Math.round(usage.durationMs),
        fuel: Math.round(usage.fuel),
        peak_bytes: usage.peakBytes,
        host_calls: usage.hostCalls,
        requests,
        bytes_in: usage.bytesIn,
        bytes_out: usage.bytesOut,
        error: outcome.ok ? null : clean(describeFailure(outcome.failure)),
        trace: null,
        outside,
      };
      // The stack is read now, so that no more of it is held than is kept.
      const thrown =
        outcome.ok || outcome.failure.kind === "stopped"
          ? undefined
          : { errors: readErrors(outcome.failure.error, `${plugin.id}@${plugin.version}`), digest: plugin.digest };
      invocations.push({ plugin, row, thrown });
    },
    log(plugin, invocation, { level, message, data }) {
      const lines = (counts.get(plugin.id) ?? 0) + 1;
      counts.set(plugin.id, lines);
      if (lines > LINES_PER_PLUGIN) return;
      if (lines === LINES_PER_PLUGIN)
        [level, message, data] = ["warn", "More lines of this request were dropped.", null];
      const overQuota = usage.refuseLog(plugin.id);
      if (overQuota !== undefined) {
        if (silenced.has(plugin.id)) return;
        silenced.add(plugin.id);
        [level, message, data] = ["warn", `Log lines of this request were dropped. ${overQuota}`, null];
      } else count(plugin.id, "logs", 1);
      const at = services.now().toISOString();
      const row = { id: services.newId(), plugin_id: plugin.id, invocation_id: invocation, at, level, message, data };
      logs.push({ plugin, row });
    },
    async flush() {
      const [usages, denied, amounts] = [account.take(), tally.take(), amountTally.take()];
      const notices = usage.takeNotices(amounts);
      const isEmpty = [invocations, logs, usages, denied, amounts, notices].every((all) => all.length === 0);
      if (isEmpty) return;
      const [pending, lines] = [invocations, logs];
      [invocations, logs] = [[], []];
      try {
        const rows: InvocationRow[] = [];
        for (const { plugin, row, thrown } of pending) {
          const trace = thrown ? await tracer.trace(thrown.errors, thrown.digest) : null;
          const outside = row.outside === null ? null : (await redactors(plugin))(row.outside);
          rows.push({ ...row, outside, trace: trace ? JSON.stringify(trace) : null });
        }
        const redactFor = await redactCounted();
        const written: LogRow[] = [];
        for (const { plugin, row } of lines) {
          const redact = await redactors(plugin);
          // Redacted whole, then cut: half a secret is one as well.
          const data = row.data === null ? null : redact(row.data).slice(0, LINE_CHARS);
          written.push({ ...row, message: clean(redact(row.message)), data });
        }
        const now = services.now();
        const at = now.toISOString();
        const { db } = services;
        await db.batch([
          ...putRecords(db, rows, written),
          ...putNotices(db, await Promise.all(notices.map((notice) => toNoticeLine(notice, at)))),
          ...addUsage(
            db,
            usages.map((use) => withSafeTarget(use, redactFor(use.plugin))),
            at,
          ),
          ...addAmounts(db, amounts, now),
          ...addDenials(db, toDenialRows(denied, redactFor), DENIAL_LIMITS.targets),
        ]);
      } catch (error) {
        services.log("error", "records not written", { error: String(error) });
      } finally {
        usage.settle(amounts);
      }
    },
  };
}

/** A name that holds a secret is none of those that are kept apart. */
function withSafeTarget(use: Usage, redact: Redact): Usage {
  return redact(use.target) === use.target ? use : { ...use, target: OTHER_TARGETS };
}

function clean(text: string): string {
  return cleanText(text, LINE_CHARS);
}
