/** What follows from how a try ended, and is a due one run? Tables for the two pure functions that decide it. */
import { describe, expect, it } from "vitest";
import { decideNext, type Ending } from "../../host/schedule/after-run.ts";
import { decideStart, type ScheduleState } from "../../host/schedule/before-run.ts";
import { SCHEDULE_LIMITS } from "../../host/schedule/limits.ts";
import { toRulesText, type SaidRules } from "../../host/schedule/rules.ts";
import { parseTimetable, type Timetable } from "../../host/schedule/timetable.ts";

function timetable(rules: SaidRules = {}, schedule = "0 * * * *"): Timetable {
  const rulesText = toRulesText({ jitter: 0, ...rules });
  const parsed = parseTimetable({ plugin_id: "p", name: "n", schedule, timezone: "UTC", rules: rulesText });
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

const at = (time: string) => `2026-01-01T${time}:00.000Z`;
const fresh: ScheduleState = { dueAt: at("12:00"), slotAt: at("12:00"), attempts: 0, crashes: 0, failures: 0 };

describe("a try that ended", () => {
  const end = (ending: Ending, state: Partial<ScheduleState> = {}, rules: SaidRules = {}, now = "12:01") =>
    decideNext({ ...fresh, ...state }, ending, {
      timetable: timetable(rules),
      startedAt: new Date(at("12:00")),
      now: new Date(at(now)),
      random: 0,
    });
  const next = { nextRunAt: at("13:00"), slotAt: null, attempts: 0, crashes: 0, pause: false, leftOut: null };
  const most = SCHEDULE_LIMITS.failuresBeforePause;

  // prettier-ignore
  it.each<[what: string, settled: ReturnType<typeof end>, expected: object]>([
    ["well goes on and forgets failures", end("ok", { attempts: 2, crashes: 1, failures: 4 }), { ...next, failures: 0 }],
    ["in a failure is tried again soon, for the same time", end("failed"), { ...next, nextRunAt: "2026-01-01T12:01:30.000Z", slotAt: at("12:00"), attempts: 1, failures: 0 }],
    ["in a second one is tried again later", end("failed", { attempts: 1 }), { ...next, nextRunAt: at("12:02"), slotAt: at("12:00"), attempts: 2, failures: 0 }],
    ["in a third one counts, and waits for its next time", end("failed", { attempts: 2 }), { ...next, failures: 1 }],
    ["in a failure counts at once where no retry is wanted", end("failed", {}, { retries: { max: 0 } }), { ...next, failures: 1 }],
    ["in a failure counts where the next time comes before another try", end("failed", { attempts: 1 }, {}, "12:59"), { ...next, failures: 1 }],
    ["in a failure is tried again where the try comes just before it", end("failed", {}, {}, "12:59"), { ...next, nextRunAt: "2026-01-01T12:59:30.000Z", slotAt: at("12:00"), attempts: 1, failures: 0 }],
    ["in the last failure but one does not pause", end("failed", { attempts: 2, failures: most - 2 }), { ...next, failures: most - 1 }],
    ["in the last failure pauses", end("failed", { attempts: 2, failures: most - 1 }), { ...next, failures: most, pause: true }],
    ["in a failure with tries left does not pause yet", end("failed", { failures: most - 1 }), { attempts: 1, failures: most - 1, pause: false }],
    ["with its Worker, twice, counts like a failure", end("crashed", { crashes: 2, failures: most - 1 }), { ...next, failures: most, pause: true }],
    ["before it began stays due as it was", end("busy", { attempts: 1, failures: 3 }), { ...next, nextRunAt: at("12:00"), slotAt: at("12:00"), attempts: 1, failures: 3 }],
    ["for want of quota neither counts nor is tried again", end("refused", { failures: most - 1 }), { ...next, failures: most - 1 }],
    ["without being run, too late, does not count", end("missed", { failures: 2 }), { ...next, failures: 2 }],
    ["after the next time leaves that out, and says so", end("ok", {}, {}, "13:05"), { ...next, nextRunAt: at("14:00"), failures: 0, leftOut: at("13:00") }],
    ["after many leaves all of them out", end("ok", {}, {}, "17:05"), { nextRunAt: at("18:00"), leftOut: at("13:00") }],
    ["after many runs one of them where they queue", end("ok", {}, { overlap: "queue" }, "17:05"), { nextRunAt: at("13:00"), leftOut: null }],
    ["in time queues nothing", end("ok", {}, { overlap: "queue" }), { ...next, failures: 0 }],
  ])("%s", (_, settled, expected) => expect(settled).toMatchObject(expected));

  it("of one time has no next one, and its retries all the same", () => {
    const parts = {
      timetable: timetable({}, "2026-01-01T12:00:00Z"),
      startedAt: new Date(at("12:00")),
      now: new Date(at("12:01")),
      random: 0,
    };
    expect(decideNext(fresh, "ok", parts).nextRunAt).toBeNull();
    expect(decideNext(fresh, "failed", parts).nextRunAt).toBe("2026-01-01T12:01:30.000Z");
    expect(decideNext({ ...fresh, attempts: 2 }, "failed", parts)).toMatchObject({ nextRunAt: null, failures: 1 });
  });
});

describe("a due schedule", () => {
  const start = (
    parts: Partial<Parameters<typeof decideStart>[1]> & { readonly rules?: SaidRules; readonly late?: number },
    state: Partial<ScheduleState> = {},
  ) =>
    decideStart(
      { ...fresh, ...state },
      {
        timetable: timetable(parts.rules),
        now: new Date(Date.parse(fresh.dueAt) + (parts.late ?? 0)),
        predecessor: "ended",
        asked: "by its clock",
        ...parts,
      },
    );
  const none = { catchUp: "none" } as const;
  const late = SCHEDULE_LIMITS.missedAfterMs;
  const once = timetable(none, "2026-01-01T12:00:00Z");

  // prettier-ignore
  it.each<[what: string, decided: ReturnType<typeof start>, expected: object]>([
    ["runs", start({}), { do: "run", attempt: 1 }],
    ["runs as a further try", start({}, { attempts: 2 }), { do: "run", attempt: 3 }],
    ["runs years late, once", start({ late: 1e11 }), { do: "run", attempt: 1 }],
    ["runs as late as is not missed", start({ rules: none, late }), { do: "run" }],
    ["is left out a moment later where nothing is made up for", start({ rules: none, late: late + 1 }), { do: "settle", as: "missed" }],
    ["runs then all the same where a person asked", start({ rules: none, late: 1e11, asked: "by hand" }), { do: "run" }],
    ["runs then all the same as another try", start({ rules: none, late: 1e11 }, { attempts: 1 }), { do: "run", attempt: 2 }],
    ["runs then all the same where there is only this time", start({ timetable: once, late: 1e11 }), { do: "run" }],
    ["runs again after a crash", start({ predecessor: "crashed" }), { do: "run", attempt: 2, state: { crashes: 1 } }],
    ["runs again after a crash, however late", start({ predecessor: "crashed", rules: none, late: 1e11 }), { do: "run", attempt: 2 }],
    ["does not run after a second crash", start({ predecessor: "crashed" }, { crashes: 1 }), { do: "settle", as: "crashed", state: { crashes: 2 } }],
    ["does not run after a crash where it is run at most once", start({ predecessor: "crashed", rules: { retries: { max: 0 } } }), { do: "settle", as: "crashed" }],
    ["runs again after a crash with tries that failed before", start({ predecessor: "crashed" }, { attempts: 2 }), { do: "run", attempt: 4 }],
  ])("%s", (_, decided, expected) => expect(decided).toMatchObject(expected));
});
