/**
 * What answers for the LLM on this machine? `@copilotkit/aimock` on loopback, speaking the providers' real wire formats;
 * each request gets the next article as the JSON object that a writing plugin asks for.
 */
import { LLMock } from "@copilotkit/aimock";
import { chooseArticle, readWanted } from "./local-answer.ts";
import type { LocalArticle } from "./local-articles.ts";

/** Makes the answer to a request; see aimock's `onMessage`. */
export type LlmAnswer = Extract<Parameters<LLMock["onMessage"]>[1], (...args: never) => unknown>;

/** A running LLM. */
export interface LocalLlm {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Replaces the answer to every further request, e.g. by a malformed one. */
  answerWith(answer: LlmAnswer): void;
  /** The requests so far, newest last: headers and bodies as they arrived. */
  requests(): ReturnType<LLMock["getRequests"]>;
  close(): Promise<void>;
}

/** Starts it; port 0 takes a free one. */
export async function startLocalLlm({ port }: { readonly port: number }): Promise<LocalLlm> {
  const mock = new LLMock({ port, host: "127.0.0.1" });
  let next = 0;
  let answer: LlmAnswer = ({ messages }) => {
    const asked = messages.findLast(({ role }) => role === "user")?.content;
    const article = chooseArticle(readWanted(typeof asked === "string" ? asked : ""), next++);
    return { content: JSON.stringify(toAnswer(article)) };
  };
  // One fixture for everything, asked anew at each request.
  mock.onMessage(/[\s\S]*/, (request) => answer(request));
  const url = await mock.start();
  return {
    url,
    answerWith: (other) => {
      answer = other;
    },
    requests: () => mock.getRequests(),
    close: () => mock.stop(),
  };
}

/** The article as a model would send it. */
export function toAnswer({ title, excerpt, opening, sections, steps }: LocalArticle): Readonly<Record<string, string>> {
  const body = [
    opening,
    ...sections.flatMap(({ heading, text }) => [`## ${heading}`, text]),
    "## Three things to do now",
    steps.map((step) => `- ${step}`).join("\n"),
  ];
  return {
    title,
    seoTitle: title.length <= 60 ? title : `${title.slice(0, 59).trimEnd()}…`,
    seoDescription: excerpt,
    excerpt,
    markdown: body.join("\n\n"),
  };
}
