/** `ctx.users`: who has an account. A disabled one does not exist for plugins, which might take its role for a living one's. */
import { z } from "zod";
import { listUsers, readUser, readUserByEmail } from "../store/d1/users.ts";
import { idArgument, pageLimit } from "./arguments.ts";
import { defineMethod } from "./define-bridge.ts";
import { BRIDGE_LIMITS } from "./limits.ts";

/** The bridge methods of `ctx.users`. */
export const usersMethods = [
  defineMethod({
    name: "users.get",
    capability: "users:read",
    summary: "Reads a user, or null.",
    args: z.tuple([idArgument]),
    kind: "data",
    handler: (call, id) => readUser(call.services.db, id),
  }),
  defineMethod({
    name: "users.getByEmail",
    capability: "users:read",
    summary: "Reads the user of an e-mail address, or null.",
    args: z.tuple([z.string().min(1).max(320)]),
    kind: "data",
    handler: (call, email) => readUserByEmail(call.services.db, email),
  }),
  defineMethod({
    name: "users.list",
    capability: "users:read",
    summary: "Lists users, the latest first, all or those of a role.",
    args: z.tuple([
      z
        .strictObject({
          role: z.number().int().nullish(),
          limit: pageLimit(BRIDGE_LIMITS.pageItems),
          cursor: idArgument.nullish(),
        })
        .nullish(),
    ]),
    kind: "data",
    async handler(call, options) {
      const limit = options?.limit ?? BRIDGE_LIMITS.pageItems.default;
      const users = await listUsers(call.services.db, {
        role: options?.role ?? undefined,
        before: options?.cursor ?? undefined,
        // One more tells whether there is a next page.
        limit: limit + 1,
      });
      const items = users.slice(0, limit);
      const last = items.at(-1);
      return { items, ...(users.length > limit && last ? { nextCursor: last.id } : {}) };
    },
  }),
];
