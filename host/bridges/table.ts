/** Every bridge method there is. Adding one means adding it to its family's file; nothing else lists them. */
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

/** The bridge methods of the host, by name. */
export const BRIDGES: ReadonlyMap<string, BridgeMethod> = new Map(
  [
    ...kvMethods,
    ...storageMethods,
    ...settingsMethods,
    ...contentMethods,
    ...taxonomiesMethods,
    ...mediaMethods,
    ...usersMethods,
    ...httpMethods,
    ...dbMethods,
    ...cronMethods,
    ...textMethods,
    ...emailMethods,
    ...aiMethods,
  ].map((method) => [method.name, method]),
);

/** Those `ctx` has a name for; the others the host's half in the VM calls on their behalf. */
export const CONTEXT_METHODS: readonly BridgeMethod[] = [...BRIDGES.values()].filter((method) => !method.isInternal);
