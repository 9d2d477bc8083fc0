/** What a plugin did and will do: schedules, runs, calls, log lines. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, read, segment, until } from "./client.ts";
import type { Invocation, InvocationDetail, LogLine, Page, Run, Schedule } from "./types.ts";

const plugin = api.admin.plugins[":id"];

/** How often lists of things that happen are read again. */
const LIVE_MS = 5_000;

/** What a list is asked with. */
interface PageRequest {
  readonly param: { readonly id: string };
  readonly query: { readonly cursor?: string };
}

export function schedulesQuery(id: string) {
  return queryOptions({
    queryKey: ["plugins", id, "schedules"],
    refetchInterval: LIVE_MS,
    queryFn: async ({ signal }): Promise<readonly Schedule[]> =>
      (await read(plugin.schedules.$get({ param: { id: segment(id) } }, until(signal)))).items,
  });
}

export function runsQuery(id: string) {
  return pagedQuery<Run>(id, "runs", (request, signal) => read(plugin.runs.$get(request, until(signal))));
}

export function logsQuery(id: string) {
  return pagedQuery<LogLine>(id, "logs", (request, signal) => read(plugin.logs.$get(request, until(signal))));
}

export function invocationsQuery(id: string) {
  return pagedQuery<Invocation>(id, "invocations", (request, signal) =>
    read(plugin.invocations.$get(request, until(signal))),
  );
}

/** One call with where it failed. What happened stays as it is, so it is read once. */
export function invocationQuery(id: string, invocation: string) {
  return queryOptions({
    queryKey: ["plugins", id, "invocation", invocation],
    staleTime: Infinity,
    queryFn: async ({ signal }): Promise<InvocationDetail> => {
      const param = { id: segment(id), invocation: segment(invocation) };
      return (await read(plugin.invocations[":invocation"].$get({ param }, until(signal)))).invocation;
    },
  });
}

/** Makes a run due; the next tick executes it. */
export async function runNow(id: string, schedule: string): Promise<Run> {
  const param = { id: segment(id), name: segment(schedule) };
  return (await read(plugin.schedules[":name"].run.$post({ param }))).run;
}

/** Takes back that the host paused a schedule. */
export async function resumeSchedule(id: string, schedule: string): Promise<Schedule> {
  const param = { id: segment(id), name: segment(schedule) };
  return (await read(plugin.schedules[":name"].resume.$post({ param }))).schedule;
}

function pagedQuery<Item>(
  id: string,
  list: string,
  get: (request: PageRequest, signal: AbortSignal) => Promise<Page<Item>>,
) {
  return infiniteQueryOptions({
    queryKey: ["plugins", id, list],
    refetchInterval: LIVE_MS,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      get({ param: { id: segment(id) }, query: pageParam === undefined ? {} : { cursor: pageParam } }, signal),
    getNextPageParam: (last) => last.cursor,
  });
}
