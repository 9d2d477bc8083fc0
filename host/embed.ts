/**
 * What does an application import that mounts the host in its own Worker? One constructor, the services it stands on, and
 * what methods, powers and events are declared with.
 */
export {
  API_VERSION,
  type Capability,
  type CapabilityDefinition,
  type HookDefinition,
  type HookName,
} from "@bulkhead/sdk";
export type { Actor, Role } from "./actor.ts";
export type { HostEnv, Identity } from "./api/context.ts";
export type { Authorize } from "./api/routes.ts";
export { BridgeError, defineMethod, type BridgeCall, type BridgeMethod } from "./bridges/define-bridge.ts";
export { HostError, type ProblemCode } from "./errors.ts";
export type { Contribution, Hooks } from "./hooks/hooks.ts";
export type { Extension } from "./offer.ts";
export { createPluginHost, type HostRequest, type PluginHost, type PluginHostOptions } from "./plugin-host.ts";
export type { StartRun } from "./schedule/tick.ts";
export type { ScheduleKey } from "./store/d1/schedules.ts";
export { createServices, type Env, type Services, type ServicesOptions, type World } from "./services.ts";
