/** The contract between the host and its plugins. Plugin authors import types from here; the host imports the tables. */
export { API_VERSION } from "./api-version.ts";
export * from "./capabilities.ts";
export * from "./context.ts";
export * from "./host-pattern.ts";
export * from "./hooks.ts";
export {
  isKnownHook,
  MANIFEST_LIMITS,
  PAGE_SLOTS,
  scheduleRulesSchema,
  type ManifestAdditions,
  type ManifestSchedule,
} from "./manifest-schema.ts";
export * from "./manifest.ts";
export * from "./plugin.ts";
export * from "./requested.ts";
export * from "./settings.ts";
export * from "./site-path.ts";
