/** `ctx.settings`: what the administrator set, typed by the schema. Secrets are not among them. */
import { z } from "zod";
import { defineMethod } from "./define-bridge.ts";

/** The bridge methods of `ctx.settings`. */
export const settingsMethods = [
  defineMethod({
    name: "settings.get",
    capability: null,
    summary: "Reads one setting: its value, its default, or null.",
    args: z.tuple([z.string().max(64)]),
    kind: "data",
    handler: async (call, key) => (await call.settings()).values.get(key) ?? null,
  }),
  defineMethod({
    name: "settings.all",
    capability: null,
    summary: "Reads every setting that has a value or a default.",
    args: z.tuple([]),
    kind: "data",
    handler: async (call) => Object.fromEntries((await call.settings()).values),
  }),
];
