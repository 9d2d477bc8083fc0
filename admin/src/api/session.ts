/** Who is signed in, and how one signs in and out. */
import { queryOptions } from "@tanstack/react-query";
import { takeOneTimeCode } from "../session/one-time-code.ts";
import { api, read, until } from "./client.ts";
import { asProblem, type Problem } from "./problem.ts";
import type { Session } from "./types.ts";

/** Signed in, or not and perhaps why the link did not help. */
export type SessionState =
  | { readonly status: "in"; readonly session: Session }
  | { readonly status: "out"; readonly linkProblem: Problem | null };

/** What one signs in with. */
export type Credential = { readonly token: string } | { readonly code: string };

/** The session, after trading in the code of a sign-in link where the address carries one. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async ({ signal }): Promise<SessionState> => {
    const linkProblem = await tradeInCode();
    try {
      return { status: "in", session: await read(api.auth.session.$get({}, until(signal))) };
    } catch (error) {
      if (asProblem(error).status === 401) return { status: "out", linkProblem };
      throw error;
    }
  },
});

/** Starts a session. */
export function signIn(credential: Credential): Promise<Session> {
  return read(api.auth.session.$post({ json: credential }));
}

/** Ends it. */
export async function signOut(): Promise<void> {
  await api.auth.session.$delete();
}

async function tradeInCode(): Promise<Problem | null> {
  const code = takeOneTimeCode();
  if (code === null) return null;
  try {
    await signIn({ code });
    return null;
  } catch (error) {
    return asProblem(error);
  }
}
