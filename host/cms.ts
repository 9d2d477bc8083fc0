/**
 * The bundled CMS as an extension of the plugin host: powers over EmDash's content, its events and its methods. It adds them
 * the way any application does.
 */
import { CAPABILITIES, HOOKS } from "@bulkhead/sdk";
import { CMS_METHODS } from "./bridges/table.ts";
import type { Extension } from "./offer.ts";

/** What the CMS adds. */
export const CMS: Extension = { capabilities: CAPABILITIES, events: HOOKS, bridges: CMS_METHODS };
