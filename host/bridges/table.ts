/** Every bridge method there is. Adding one means adding it to its family's file; nothing else lists them. */
import { aiMethods } from "./ai.ts";
import { contentMethods } from "./content.ts";
import { cronMethods } from "./cron.ts";
import type { BridgeMethod } from "./define-bridge.ts";
import { emailMethods } from "./email.ts";
import { httpMethods } from "./http.ts";
import { kvMethods } from "./kv.ts";
import { settingsMethods } from "./settings.ts";
import { storageMethods } from "./storage.ts";
import { textMethods } from "./text.ts";

/** The bridge methods of the host, by name. */
export const BRIDGES: ReadonlyMap<string, BridgeMethod> = new Map(
  [
    ...kvMethods,
    ...storageMethods,
    ...settingsMethods,
    ...contentMethods,
    ...httpMethods,
    ...cronMethods,
    ...textMethods,
    ...emailMethods,
    ...aiMethods,
  ].map((method) => [method.name, method]),
);
