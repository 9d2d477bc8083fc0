/**
 * What do the host's tests run against? One Worker behind this interface, reached through its front door only. `#target`
 * resolves to the source in workerd or to the built output, so every test says the same of both.
 */

/** A server on the internet, as the Worker's outbound requests find it. */
export type Internet = (request: Request) => Promise<Response> | Response;

/** The bindings of the Worker under test, for looking at what was stored and for tampering with it. */
export interface TargetEnv {
  readonly DB: D1Database;
  readonly CACHE: KVNamespace;
  readonly BUNDLES: R2Bucket;
}

/** One Worker under test. */
export interface Target {
  /** Sends a request to the Worker. The host name is `ORIGIN`'s. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** One tick of the minute clock; resolves when everything it started has ended. */
  tick(): Promise<void>;
  readonly env: TargetEnv;
  /** Decides what the Worker's outbound requests are answered with. */
  internet(answer: Internet): void;
  /** An empty host: no plugins, no content, no audit; and an internet that answers nothing. */
  reset(): Promise<void>;
}

/** Where the Worker believes it lives. */
export const ORIGIN = "https://cms.example";

/** The secrets the Worker under test has. */
export const SECRETS = {
  SECRETS_KEY: "5f0c2d9a7be14c3f8a6d1e0b94c7f2a35f0c2d9a7be14c3f8a6d1e0b94c7f2a3",
  BOOTSTRAP_TOKEN: "test-bootstrap-token-0123456789abcdef",
} as const;

/** Variables of the Workers under test: what is put into KV counts at once. `settings-age.source.test.ts` is about age. */
export const VARIABLES = { SETTINGS_MAX_AGE: "0" } as const;

/** Where its mail and its language models are, as somebody configured them. */
export const PROVIDERS = {
  EMAIL_FROM: "The Shop <news@shop.dev>",
  EMAIL_API_URL: "https://mail.provider.dev/emails",
  EMAIL_API_KEY: "mail-key-0123456789abcdef",
  AI_PROVIDERS: JSON.stringify([
    {
      name: "default",
      kind: "openai",
      baseUrl: "https://llm.provider.dev/v1",
      model: "large-1",
      keyVariable: "LLM_API_KEY",
      inputPricePerMillion: 1,
      outputPricePerMillion: 4,
    },
    {
      name: "careful",
      kind: "anthropic",
      baseUrl: "https://careful.provider.dev/v1/",
      model: "careful-2",
      keyVariable: "CAREFUL_API_KEY",
      inputPricePerMillion: 0.25,
      outputPricePerMillion: 1.25,
    },
    {
      name: "dear",
      kind: "openai",
      baseUrl: "https://llm.provider.dev/v1",
      model: "dear-3",
      keyVariable: "LLM_API_KEY",
      inputPricePerMillion: 0,
      outputPricePerMillion: 1_000,
    },
  ]),
  LLM_API_KEY: "llm-key-0123456789abcdef",
  CAREFUL_API_KEY: "careful-key-0123456789abcdef",
} as const;

/** The internet before a test says otherwise. */
export const offline: Internet = (request) => {
  throw new TypeError(`the test sends nothing to ${request.url}`);
};
