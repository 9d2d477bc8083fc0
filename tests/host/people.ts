/** Who else sends requests? People of any role, signed in by a session of their own. */
import { target } from "#target";
import type { Role } from "../../host/actor.ts";
import { sha256 } from "../../host/crypto.ts";
import { ORIGIN } from "../support/target.ts";
import { call, type Answer } from "./client.ts";

/** Somebody; without an id they are called like their role. */
export interface Person {
  readonly role: Role;
  readonly id?: string;
}

/** The headers of a request by somebody who is signed in with the role. */
export async function signedIn({ role, id = role }: Person): Promise<Readonly<Record<string, string>>> {
  const token = `session-of-${id}`;
  await target.env.DB.prepare("INSERT OR REPLACE INTO _host_sessions VALUES (?, ?, ?, ?, ?, ?)")
    .bind(await sha256(token), id, id, role, "2026-01-01T00:00:00.000Z", "2100-01-01T00:00:00.000Z")
    .run();
  return {
    cookie: `__Host-bulkhead=${token}`,
    "sec-fetch-site": "same-origin",
    "sec-fetch-mode": "cors",
    origin: ORIGIN,
  };
}

/** Sends as somebody who is signed in with the role. */
export async function callAs(
  person: Role | Person,
  method: string,
  path: string,
  body?: unknown,
  type?: string,
): Promise<Answer> {
  const headers = await signedIn(typeof person === "string" ? { role: person } : person);
  return call(method, path, {
    as: "visitor",
    headers: { ...headers, ...(type === undefined ? {} : { "content-type": type }) },
    ...(body === undefined ? {} : { body }),
  });
}
