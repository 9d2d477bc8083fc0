/** What the host sends, by name. Types only: the shapes themselves, and zod with them, stay on the server. */
import type { z } from "zod";
import type * as shapes from "../../../host/api/shapes.ts";

export type Plugin = z.infer<typeof shapes.pluginShape>;
export type PluginDetail = z.infer<typeof shapes.pluginDetailShape>;
export type PluginState = z.infer<typeof shapes.stateShape>;
export type Plan = z.infer<typeof shapes.planShape>;
export type Finding = z.infer<typeof shapes.findingShape>;
export type Grant = z.infer<typeof shapes.grantShape>;
export type Schedule = z.infer<typeof shapes.scheduleShape>;
export type Run = z.infer<typeof shapes.runShape>;
export type Setting = z.infer<typeof shapes.settingShape>;
export type Invocation = z.infer<typeof shapes.invocationShape>;
export type InvocationDetail = z.infer<typeof shapes.invocationDetailShape>;
export type TracedError = z.infer<typeof shapes.traceShape>["errors"][number];
export type TracedFrame = TracedError["frames"][number];
export type LogLine = z.infer<typeof shapes.logShape>;
export type CatalogItem = z.infer<typeof shapes.catalogItemShape>;
export type Session = z.infer<typeof shapes.sessionShape>;

/** A power a plan asks for. */
export type PlanCapability = Plan["capabilities"][number];
/** A power by its name. */
export type CapabilityName = PlanCapability["name"];

/** One page of a list; `cursor` leads to the next. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly cursor?: string | undefined;
}
