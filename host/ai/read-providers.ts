/**
 * Which language models does this host have? The variable `AI_PROVIDERS` lists them as JSON; the first is the default. Keys
 * stand in secrets of their own, which the list names.
 */
import { z } from "zod";
import { checkConfiguredAddress } from "../network/configured-address.ts";
import { fail, ok, type Result } from "../result.ts";
import { AI_LIMITS } from "./limits.ts";
import type { AiModel, WorkersAi } from "./model.ts";

/** Where the configuration comes from. */
export interface ProviderSources {
  /** `AI_PROVIDERS`. */
  readonly text: string | undefined;
  /** The secret of this name. */
  readonly readKey: (name: string) => string | undefined;
  readonly binding: WorkersAi | undefined;
}

const common = {
  name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, "Expected lower-case letters, digits and -"),
  model: z.string().regex(/^[\x21-\x7e]{1,200}$/, "Expected the provider's name of a model"),
  // Without a price the budget in money would hold nothing.
  inputPricePerMillion: z.number().min(0).max(10_000),
  outputPricePerMillion: z.number().min(0).max(10_000),
};
const http = z.strictObject({
  ...common,
  kind: z.enum(["openai", "anthropic"]),
  baseUrl: z.string().max(1_024),
  // SECURITY: the name of a key of a provider and of no other secret: what it names is sent out. (tests/host/ai-providers.source.test.ts, "names no other secret")
  keyVariable: z
    .string()
    .max(64)
    .regex(/^[A-Z][A-Z0-9_]*_API_KEY$/, "Expected a name that ends with _API_KEY"),
});
const workers = z.strictObject({ ...common, kind: z.literal("workers-ai") });
const schema = z
  .array(z.discriminatedUnion("kind", [http, workers]))
  .min(1)
  .max(AI_LIMITS.providers)
  .refine((rows) => new Set(rows.map(({ name }) => name)).size === rows.length, "Expected names that differ");

const PATHS = { openai: "/chat/completions", anthropic: "/messages" } as const;

/** The models, or what is to be set. The reason is for the host's log and its administrator. */
export function readProviders({ text, readKey, binding }: ProviderSources): Result<readonly AiModel[], string> {
  if (text === undefined || text.trim() === "") return fail("The variable AI_PROVIDERS is not set.");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return fail("The variable AI_PROVIDERS is not JSON.");
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    return fail(
      `The variable AI_PROVIDERS is not valid: ${issue.path.map(String).join(".") || "all"}: ${issue.message}.`,
    );
  }
  const models: AiModel[] = [];
  for (const row of parsed.data) {
    const { name, model, inputPricePerMillion: inputPrice, outputPricePerMillion: outputPrice } = row;
    const any = { name, model, inputPrice, outputPrice };
    if (row.kind === "workers-ai") {
      if (!binding) return fail(`AI_PROVIDERS names "${name}" of Workers AI, and no binding AI is there.`);
      models.push({ ...any, kind: row.kind, binding });
      continue;
    }
    // SECURITY: https to a name of the public internet. (tests/host/ai-providers.source.test.ts, "an address that is not")
    const address = checkConfiguredAddress(`${row.baseUrl.replace(/\/+$/, "")}${PATHS[row.kind]}`);
    if (!address.ok) return fail(`The baseUrl of "${name}" in AI_PROVIDERS cannot be used: ${address.reason}`);
    const key = readKey(row.keyVariable);
    if (key === undefined || key === "") return fail(`The secret ${row.keyVariable} of "${name}" is not set.`);
    models.push({ ...any, kind: row.kind, endpoint: address.value.href, key });
  }
  return ok(models);
}
