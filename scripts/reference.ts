/** What may a plugin call, and what does each power open? Text made of the tables the host itself runs on. */
import { capabilityNames, describeCapability, type Capability } from "@bulkhead/sdk";
import { z } from "zod";
import type { BridgeMethod } from "../host/bridges/define-bridge.ts";
import { CONTEXT_METHODS } from "../host/bridges/table.ts";

/** Families with a shape of their own for authors (`host/guest/`): what stands below them is what crosses to the host. */
const SHAPES: Readonly<Record<string, string>> = {
  storage: "Written as `ctx.storage.<collection>.get(id)`: the collection becomes the first argument.",
  http: "Written as `ctx.http.fetch(url, init)`; longer bodies cross in parts. The argument below is what becomes of both.",
  db: "Written as in D1: `ctx.db.prepare(sql).bind(...).all()`, `first()`, `run()`, `raw()`, `ctx.db.batch([...])`. All of them become the call below.",
  media: "`upload` takes an ArrayBuffer or a typed array; bytes cross as base64.",
};

/** The page, as Markdown. */
export function toReference(): string {
  const families = Map.groupBy(CONTEXT_METHODS, ({ name }) => name.slice(0, name.indexOf(".")));
  return [
    "# Bridge methods and capabilities",
    "",
    "Made by `npm run build:reference` from `host/bridges/table.ts` and `sdk/capabilities.ts`; a test compares them. Every call passes the same steps: fuel, grant, arguments, budget, the method itself, size of the result.",
    "",
    "A call of kind `data` counts against an invocation's calls to D1, KV and R2, `request` against its requests, `compute` against the characters the host works on for it.",
    "",
    "## Capabilities",
    "",
    "| capability | what a person reads | risk | narrowed to | brings along | opens |",
    "| --- | --- | --- | --- | --- | --- |",
    ...capabilityNames().map(toCapabilityRow),
    ...[...families].flatMap(([family, methods]) => [
      "",
      `## ctx.${family}`,
      "",
      ...(SHAPES[family] === undefined ? [] : [SHAPES[family], ""]),
      ...methods.flatMap(toMethod),
    ]),
    "",
  ].join("\n");
}

function toCapabilityRow(name: Capability): string {
  const { label, risk, targets, implies } = describeCapability(name);
  const opens = CONTEXT_METHODS.filter(({ capability }) => capability === name).map((method) => `\`${method.name}\``);
  const cells = [`\`${name}\``, label, risk, targets ?? "", toCodes(implies), opens.join(", ")];
  return `| ${cells.join(" | ")} |`;
}

function toMethod({ name, capability, summary, kind, target, args }: BridgeMethod): readonly string[] {
  const needs = capability === null ? "nothing, it is the plugin's own" : `\`${capability}\``;
  const narrowed = target === undefined ? "" : " for the one it names";
  return [
    `### ${name}`,
    "",
    `${summary} Needs ${needs}${narrowed}. Kind: \`${kind}\`.`,
    "",
    ...toArguments(args).map((schema, index) => `${index + 1}. \`${JSON.stringify(schema)}\``),
    "",
  ];
}

/** The arguments as JSON Schema, one for each position; what the host makes of them is left out. */
function toArguments(args: z.ZodType): readonly unknown[] {
  const { prefixItems = [] } = z.toJSONSchema(args, { io: "input", unrepresentable: "any" });
  return prefixItems as readonly unknown[];
}

function toCodes(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
