/** When does a schedule come? Tables for the pure parts: time zones, the closest two times, the spread, the wait before another try. */
import { describe, expect, it } from "vitest";
import { acceptSchedule } from "../../host/schedule/accept.ts";
import { backOffMs } from "../../host/schedule/back-off.ts";
import { SCHEDULE_LIMITS } from "../../host/schedule/limits.ts";
import { parseSchedule } from "../../host/schedule/next-run.ts";
import { shortestGap } from "../../host/schedule/shortest-gap.ts";
import { spreadSeconds } from "../../host/schedule/spread.ts";
import { parseTimetable } from "../../host/schedule/timetable.ts";

function times(cron: string, timezone: string, after: string, count: number): readonly string[] {
  const parsed = parseSchedule(cron, timezone);
  if (!parsed.ok) throw new Error(parsed.reason);
  const found: string[] = [];
  for (let at = parsed.value.next(new Date(after)); at && found.length < count; at = parsed.value.next(at)) {
    found.push(at.toISOString().replace(":00.000Z", "Z"));
  }
  return found;
}

describe("a time zone", () => {
  // prettier-ignore
  it.each<[what: string, cron: string, zone: string, after: string, comes: readonly string[]]>([
    ["winter and summer", "0 6 * * *", "Europe/Berlin", "2026-03-28T00:00Z", ["2026-03-28T05:00Z", "2026-03-29T04:00Z", "2026-03-30T04:00Z"]],
    ["a time that the clock leaves out comes as soon as there is one", "30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", ["2026-03-29T01:00Z", "2026-03-30T00:30Z"]],
    ["the same in New York", "30 2 * * *", "America/New_York", "2026-03-07T12:00Z", ["2026-03-08T07:00Z", "2026-03-09T06:30Z"]],
    ["a time that the clock shows twice comes once", "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]],
    ["and not again in the second of the two hours", "30 2 * * *", "Europe/Berlin", "2026-10-25T01:10Z", ["2026-10-26T01:30Z"]],
    ["the same in New York", "30 1 * * *", "America/New_York", "2026-11-01T05:30Z", ["2026-11-02T06:30Z"]],
    ["every half hour comes in both of them", "*/30 * * * *", "Europe/Berlin", "2026-10-25T00:15Z", ["2026-10-25T00:30Z", "2026-10-25T01:00Z", "2026-10-25T01:30Z", "2026-10-25T02:00Z"]],
    ["and goes on where one is left out", "*/30 * * * *", "Europe/Berlin", "2026-03-29T00:15Z", ["2026-03-29T00:30Z", "2026-03-29T01:00Z", "2026-03-29T01:30Z"]],
    ["half an hour beside UTC", "0 9 * * *", "Asia/Kolkata", "2026-03-06T12:00Z", ["2026-03-07T03:30Z", "2026-03-08T03:30Z"]],
    ["a day that Samoa left out", "0 9 * * *", "Pacific/Apia", "2011-12-29T00:00Z", ["2011-12-29T19:00Z", "2011-12-30T19:00Z"]],
    ["and one of its own that year", "0 9 30 12 *", "Pacific/Apia", "2011-12-01T00:00Z", ["2012-12-29T19:00Z"]],
    ["a clock that moves by half an hour", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00Z", ["2026-10-03T15:30Z", "2026-10-04T15:15Z"]],
    ["the leap day", "0 0 29 2 *", "UTC", "2026-03-01T00:00Z", ["2028-02-29T00:00Z", "2032-02-29T00:00Z"]],
    ["the last day of each month", "0 0 L * *", "UTC", "2028-01-31T12:00Z", ["2028-02-29T00:00Z", "2028-03-31T00:00Z"]],
  ])("%s", (_, cron, zone, after, comes) => {
    expect(times(cron, zone, after, comes.length)).toEqual(comes);
  });

  it.each(["Nowhere/City", "Europe/berlin2", "+25:00", "x".repeat(64)])("%s is refused by its name", (zone) => {
    const parsed = parseSchedule("0 6 * * *", zone);
    expect(parsed).toEqual({ ok: false, reason: expect.stringContaining(zone) });
  });
});

describe("the closest two times", () => {
  it.each<[cron: string, minutes: number]>([
    ["* * * * *", 1],
    ["*/2 * * * *", 2],
    ["*/5 * * * *", 5],
    ["0,59 * * * *", 1],
    ["0,58 */2 * * *", 58],
    ["0,58 * * * *", 2],
    ["58 23 * * *", 60],
    ["2,58 1,3 * * *", 56],
    ["2,58 1,2 * * *", 4],
    ["2,58 0,23 * * *", 4],
    ["0,15,30,45 9-17 * * 1-5", 15],
    ["*/7 * * * *", 4],
    ["0 */6 * * *", 60],
    ["0 0 29 2 *", 60],
    ["@hourly", 60],
    ["@daily", 60],
    ["  */3   * * * *  ", 3],
  ])("of %s are %i minutes apart", (cron, minutes) => {
    expect(shortestGap(cron)).toBe(minutes);
  });
});

describe("a schedule is accepted", () => {
  it.each<[cron: string, plan: "free" | "paid", refusal: RegExp | undefined]>([
    ["* * * * *", "paid", undefined],
    ["*/5 * * * *", "free", undefined],
    [
      "*/4 * * * *",
      "free",
      /^"\*\/4 \* \* \* \*" comes 4 minutes after .* plan "free" expected at least 5 minutes.* e\.g\. "\*\/5/,
    ],
    ["* * * * *", "free", /comes 1 minute after/],
    ["0,59 * * * *", "free", /comes 1 minute after/],
    ["2,57 * * * *", "free", undefined],
    ["2,58 * * * *", "free", /comes 4 minutes after/],
    ["* * * * * *", "paid", /not a schedule/],
    ["@reboot", "paid", /not a schedule/],
    ["0 0 31 2 *", "paid", /never comes/],
    ["0 0 30 2 *", "free", /never comes/],
    ["2026-12-01T08:00:00Z", "free", undefined],
    ["2026-13-01T08:00:00Z", "free", /not a time/],
  ])("%s on %s", (cron, plan, refusal) => {
    const accepted = acceptSchedule(cron, { timezone: "UTC", plan });
    if (refusal === undefined) expect(accepted.ok).toBe(true);
    else expect(accepted).toEqual({ ok: false, reason: expect.stringMatching(refusal) });
  });
});

describe("the spread", () => {
  it.each<[jitterSeconds: number, gapMinutes: number, mostMinutes: number]>([
    [0, 60, 0],
    [59, 60, 0],
    [60, 60, 1],
    [600, 60, 10],
    [1_800, 60, 30],
    [1_800, 15, 7],
    [600, 2, 1],
    [600, 1, 0],
  ])("of %i s at an interval of %i minutes is 0 to %i minutes, each of them", (jitterSeconds, gapMinutes, most) => {
    const found = new Set(
      Array.from({ length: 1_000 }, (_, i) =>
        spreadSeconds({ plugin: `plugin-${i}`, name: "hourly" }, { jitterSeconds, gapMinutes }),
      ),
    );
    expect([...found].toSorted((a, b) => a - b)).toEqual(Array.from({ length: most + 1 }, (_, minute) => minute * 60));
  });

  it("brings two hundred plugins at the full hour over eleven minutes, none of them crowded, and is the same each time", () => {
    const next = (i: number) => {
      const row = { plugin_id: `plugin-${i}`, name: "hourly", schedule: "0 * * * *", timezone: "UTC", rules: null };
      const timetable = parseTimetable(row);
      if (!timetable.ok) throw new Error(timetable.reason);
      const first = timetable.value.next(new Date("2026-01-01T11:59:00Z"))!;
      expect(timetable.value.next(first)!.getTime() - first.getTime()).toBe(3_600_000);
      return first.toISOString();
    };
    const all = Array.from({ length: 200 }, (_, i) => next(i));
    const minutes = Map.groupBy(all, (at) => at);
    expect(minutes.size).toBe(11);
    expect(Math.max(...[...minutes.values()].map(({ length }) => length))).toBeLessThan(200 / 5);
    expect(all.every((at) => at >= "2026-01-01T12:00" && at < "2026-01-01T12:11")).toBe(true);
    expect(Array.from({ length: 200 }, (_, i) => next(i))).toEqual(all);
  });

  it("moves no time that was asked for as such", () => {
    const row = { plugin_id: "p", name: "n", schedule: "2026-12-01T08:00:07Z", timezone: "UTC", rules: null };
    const timetable = parseTimetable(row);
    expect(timetable.ok && timetable.value.next(new Date(0))?.toISOString()).toBe("2026-12-01T08:00:07.000Z");
  });
});

describe("the wait before another try", () => {
  const { first, most } = SCHEDULE_LIMITS.backOffMs;
  it.each<[retry: number, random: number, ms: number]>([
    [1, 0, first / 2],
    [1, 0.5, (first * 3) / 4],
    [2, 0, first],
    [5, 0, first * 8],
    [6, 0, first * 16],
    [7, 0, most / 2],
    [8, 0, most / 2],
    [2_000, 0, most / 2],
  ])("number %i at chance %d is %i ms", (retry, random, ms) => {
    expect(backOffMs(retry, random)).toBe(ms);
  });

  it("is shorter than twice its half, whatever chance says, and never over the most", () => {
    for (const retry of [1, 2, 5, 50]) {
      const half = backOffMs(retry, 0);
      expect(backOffMs(retry, 1 - Number.EPSILON)).toBeGreaterThan(half * 1.99);
      expect(backOffMs(retry, 1 - Number.EPSILON)).toBeLessThanOrEqual(Math.min(most, half * 2));
    }
  });
});
