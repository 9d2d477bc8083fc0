/**
 * Who can write? One table: where each provider listens, which wire format it speaks, which setting holds its key. A new
 * provider is a row here and its host and key in `plugin.json`.
 */
import { anthropicMessages } from "./anthropic-messages.ts";
import { openaiChat } from "./openai-chat.ts";
import { fail, ok, type Result } from "./result.ts";
import type { WireFormat } from "./wire-format.ts";

/** A provider as the setting `provider` names it. */
export type ProviderId = "openai" | "anthropic" | "deepseek" | "openrouter" | "custom";

/** One row of the table. */
export interface Provider {
  readonly label: string;
  /** The address requests go to; null where the setting `baseUrl` says. */
  readonly endpoint: string | null;
  readonly wire: WireFormat;
  /** Used while the setting `model` is empty: a quick one, since a request ends after a minute. Null where none is sensible. */
  readonly defaultModel: string | null;
  /** The setting that holds the key. The plugin knows its name and never its value. */
  readonly keySetting: string;
}

const plainChat = openaiChat({ limitField: "max_tokens" });

/** The providers. */
export const PROVIDERS: Readonly<Record<ProviderId, Provider>> = {
  openai: {
    label: "OpenAI",
    endpoint: "https://api.openai.com/v1/chat/completions",
    // Its newer models refuse `max_tokens`, and count what they think in the limit too.
    wire: openaiChat({ limitField: "max_completion_tokens", limit: 16_000, format: "json_object" }),
    defaultModel: "gpt-4.1-mini",
    keySetting: "openaiKey",
  },
  anthropic: {
    label: "Anthropic",
    endpoint: "https://api.anthropic.com/v1/messages",
    wire: anthropicMessages,
    defaultModel: "claude-haiku-4-5",
    keySetting: "anthropicKey",
  },
  deepseek: {
    label: "DeepSeek",
    endpoint: "https://api.deepseek.com/v1/chat/completions",
    wire: openaiChat({ limitField: "max_tokens", format: "json_object" }),
    defaultModel: "deepseek-chat",
    keySetting: "deepseekKey",
  },
  openrouter: {
    label: "OpenRouter",
    endpoint: "https://openrouter.ai/api/v1/chat/completions",
    wire: plainChat,
    defaultModel: "openai/gpt-4.1-mini",
    keySetting: "openrouterKey",
  },
  custom: {
    label: "Your endpoint",
    endpoint: null,
    wire: plainChat,
    defaultModel: null,
    keySetting: "customKey",
  },
};

/** A provider with everything a request needs. */
export interface ChosenProvider {
  readonly id: ProviderId;
  readonly label: string;
  readonly endpoint: string;
  readonly model: string;
  readonly wire: WireFormat;
  readonly keySetting: string;
}

/** Whether the table has it. */
export function isProviderId(name: string): name is ProviderId {
  return Object.hasOwn(PROVIDERS, name);
}

/** The provider that the settings choose, or what is missing. */
export function chooseProvider(settings: {
  readonly provider: string;
  readonly model: string;
  readonly baseUrl: string;
}): Result<ChosenProvider> {
  const { provider: id } = settings;
  if (!isProviderId(id)) {
    const known = Object.keys(PROVIDERS).join(", ");
    return fail("settings", `The setting "provider" is "${id.slice(0, 40)}". Expected one of: ${known}.`);
  }
  const { label, endpoint, wire, defaultModel, keySetting } = PROVIDERS[id];
  const model = settings.model || defaultModel;
  if (!model) return fail("settings", `${label} has no default model. Set the setting "model".`);
  const address = endpoint ?? toEndpoint(settings.baseUrl);
  if (!address) {
    return fail("settings", `${label} has no address. Set "baseUrl", such as https://llm.example.com/v1.`);
  }
  return ok({ id, label, endpoint: address, model, wire, keySetting });
}

/** People paste either the base address or the whole one. */
function toEndpoint(baseUrl: string): string {
  const base = baseUrl.trim().replace(/\/+$/, "");
  return base === "" || base.endsWith("/chat/completions") ? base : `${base}/chat/completions`;
}
