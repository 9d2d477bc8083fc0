/** `ctx.kv`: the plugin's own keys, in D1. Keys `settings:<key>` of the schema read the plugin's settings, as in EmDash. */
import { z } from "zod";
import { openSecret } from "../settings/secrets.ts";
import { deleteDocuments, listByPrefix, putDocuments, type Place } from "../store/d1/plugin-documents.ts";
import { listSecrets } from "../store/d1/secrets.ts";
import { keyArgument, valueArgument } from "./arguments.ts";
import { BridgeError, defineMethod, type BridgeCall } from "./define-bridge.ts";
import { orTooLarge, readDocuments } from "./documents.ts";
import { BRIDGE_LIMITS } from "./limits.ts";

/** EmDash keeps sandboxed plugins' keys in this collection of `_plugin_storage`. */
const COLLECTION = "__kv";

const SETTING = /^settings:(.+)$/;

const placeOf = (call: BridgeCall): Place => ({ plugin: call.plugin.id, collection: COLLECTION });

function settingOf(call: BridgeCall, key: string): string | undefined {
  const name = SETTING.exec(key)?.[1];
  return name !== undefined && Object.hasOwn(call.plugin.manifest.admin.settingsSchema, name) ? name : undefined;
}

async function readSetting(call: BridgeCall, key: string): Promise<unknown> {
  const { manifest } = call.plugin;
  if (manifest.admin.settingsSchema[key]?.type !== "secret") return (await call.settings()).values.get(key) ?? null;
  // SECURITY: a secret bound to hosts is filled in by the host and never read. (tests/host/settings.test.ts, "bound to hosts cannot be read by the plugin")
  if (manifest.bulkhead.secrets?.[key]) {
    throw new BridgeError(
      "DENIED",
      `The secret "${key}" cannot be read. Send it with init.secretHeaders: {"authorization": "Bearer {{${key}}}"}.`,
    );
  }
  const row = (await listSecrets(call.services.db, manifest.id)).find((secret) => secret.key === key);
  return row ? openSecret(call.services.secretsKeys, { plugin: manifest.id, key }, row.envelope) : null;
}

/** The bridge methods of `ctx.kv`. */
export const kvMethods = [
  defineMethod({
    name: "kv.get",
    capability: null,
    summary: "Reads a value of the plugin's own, or null.",
    args: z.tuple([keyArgument]),
    kind: "data",
    async handler(call, key) {
      const setting = settingOf(call, key);
      if (setting !== undefined) return readSetting(call, setting);
      const [found] = await readDocuments(call, placeOf(call), [key]);
      return found ? JSON.parse(found.data) : null;
    },
  }),
  defineMethod({
    name: "kv.set",
    capability: null,
    summary: "Writes a value of the plugin's own.",
    args: z.tuple([keyArgument, valueArgument]),
    kind: "data",
    async handler(call, key, text) {
      const setting = settingOf(call, key);
      if (setting !== undefined) {
        throw new BridgeError(
          "DENIED",
          `Cannot set "${key}": settings are changed by the administrator. Use another key for the plugin's own state.`,
        );
      }
      await putDocuments(call.services.db, placeOf(call), [{ id: key, data: text }], call.services.now().toISOString());
    },
  }),
  defineMethod({
    name: "kv.delete",
    capability: null,
    summary: "Deletes a value of the plugin's own; answers whether there was one.",
    args: z.tuple([keyArgument]),
    kind: "data",
    handler: async (call, key) => (await deleteDocuments(call.services.db, placeOf(call), [key])) > 0,
  }),
  defineMethod({
    name: "kv.list",
    capability: null,
    summary: "Lists the plugin's own keys and values under a prefix, at most 1000, by key.",
    args: z.tuple([
      z
        .string()
        .max(BRIDGE_LIMITS.keyChars)
        .nullish()
        .transform((prefix) => prefix ?? ""),
    ]),
    kind: "data",
    async handler(call, prefix) {
      const limits = { limit: BRIDGE_LIMITS.listedKeys, maxBytes: BRIDGE_LIMITS.resultBytes };
      const read = await listByPrefix(call.services.db, placeOf(call), prefix, limits);
      const rows = orTooLarge(read, "List by a longer prefix.");
      return rows.map(({ id, data }) => ({ key: id, value: JSON.parse(data) as unknown }));
    },
  }),
];
