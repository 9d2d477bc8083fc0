/**
 * Every bridge method of the bundled host: those of any host, and those of the CMS. Adding one means adding it to its
 * family's file; nothing else lists them.
 */
import { aiMethods } from "./ai.ts";
import { contentMethods } from "./content.ts";
import { cronMethods } from "./cron.ts";
import { dbMethods } from "./db.ts";
import type { BridgeMethod } from "./define-bridge.ts";
import { emailMethods } from "./email.ts";
import { httpMethods } from "./http.ts";
import { kvMethods } from "./kv.ts";
import { mediaMethods } from "./media.ts";
import { settingsMethods } from "./settings.ts";
import { storageMethods } from "./storage.ts";
import { taxonomiesMethods } from "./taxonomies.ts";
import { textMethods } from "./text.ts";
import { usersMethods } from "./users.ts";

/** What every host has, whatever it is mounted in. */
export const BASE_METHODS: readonly BridgeMethod[] = [
  ...kvMethods,
  ...storageMethods,
  ...settingsMethods,
  ...httpMethods,
  ...dbMethods,
  ...cronMethods,
  ...textMethods,
  ...emailMethods,
  ...aiMethods,
];

/** What a host over EmDash's tables has besides. */
export const CMS_METHODS: readonly BridgeMethod[] = [
  ...contentMethods,
  ...taxonomiesMethods,
  ...mediaMethods,
  ...usersMethods,
];

/** The bridge methods of the bundled host, by name. */
export const BRIDGES: ReadonlyMap<string, BridgeMethod> = new Map(
  [...BASE_METHODS, ...CMS_METHODS].map((method) => [method.name, method]),
);

/** Those `ctx` has a name for; the others the host's half in the VM calls on their behalf. */
export const CONTEXT_METHODS: readonly BridgeMethod[] = [...BRIDGES.values()].filter((method) => !method.isInternal);
