/** How is data kept? One cache; a refused session anywhere asks for sign-in everywhere; only hopeful calls are retried. */
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { asProblem } from "./problem.ts";
import { sessionQuery, type SessionState } from "./session.ts";

/** How often a read is tried again when no answer came or the host was busy. */
const RETRIES = 2;

const SIGNED_OUT: SessionState = { status: "out", linkProblem: null };

export function createDataClient(): QueryClient {
  const onError = (error: unknown): void => {
    if (asProblem(error).status === 401) {
      client.setQueryData(sessionQuery.queryKey, SIGNED_OUT);
    }
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        retry: (failures, error) => failures < RETRIES && isHopeful(asProblem(error).status),
      },
    },
  });
  return client;
}

/** Whether the same call may succeed a moment later. */
function isHopeful(status: number): boolean {
  return status === 0 || status === 429 || status >= 500;
}
