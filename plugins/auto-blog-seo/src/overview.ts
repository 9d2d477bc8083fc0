/** What does the administrator see? The page "/overview" as Block Kit JSON: state, last runs, next topics. Pure. */
import { chooseProvider } from "./providers.ts";
import { toSettings } from "./settings.ts";
import type { Run, State } from "./state.ts";
import { upcomingTopics } from "./topics.ts";

/** A Block Kit block. The dashboard checks it; the shapes are EmDash's. */
export type Block = { readonly type: string } & Readonly<Record<string, unknown>>;

const SHOWN = { runs: 10, topics: 5, messageChars: 240 } as const;

/** The blocks of the page. */
export function drawOverview(settings: ReturnType<typeof toSettings>, state: State): readonly Block[] {
  const provider = chooseProvider(settings);
  const last = state.runs[0];
  const failed = state.runs.filter(({ outcome }) => outcome.kind === "failed").length;
  const topics = upcomingTopics(settings.topics, { cursor: state.cursor, count: SHOWN.topics });
  return [
    { type: "header", text: "Auto Blog SEO" },
    ...drawProblem(provider.ok ? undefined : provider.fault.message, last),
    {
      type: "stats",
      items: [
        { label: "Posts written", value: String(state.written) },
        { label: "Failed of the last runs", value: `${failed} of ${state.runs.length}` },
        {
          label: "Topics",
          value: settings.topics.length === 0 ? "Chosen by the model" : String(settings.topics.length),
        },
      ],
    },
    {
      type: "fields",
      fields: [
        { label: "Provider", value: provider.ok ? provider.value.label : settings.provider },
        { label: "Model", value: provider.ok ? provider.value.model : settings.model || "not set" },
        { label: "New posts", value: settings.publish ? "Published at once" : "Kept as drafts" },
        { label: "Length", value: `About ${settings.words} words` },
      ],
    },
    { type: "header", text: "Next topics" },
    {
      type: "section",
      text:
        topics.length > 0
          ? topics.map((topic, i) => `${i + 1}. ${topic}`).join("\n")
          : "No topics are set, so the model proposes one for each post.",
    },
    { type: "header", text: "Last runs" },
    {
      type: "table",
      page_action_id: "runs",
      columns: [
        { key: "at", label: "Scheduled", format: "relative_time" },
        { key: "outcome", label: "Outcome", format: "badge" },
        { key: "what", label: "Post or reason" },
        { key: "by", label: "Written by" },
        { key: "tokens", label: "Tokens" },
      ],
      rows: state.runs.slice(0, SHOWN.runs).map(toRow),
      empty_text: "Nothing ran yet.",
    },
    ...drawDraftHint(state.runs.slice(0, SHOWN.runs)),
    { type: "context", text: 'To write a post now, choose "Run now" at the schedule "generate".' },
  ];
}

function drawDraftHint(runs: readonly Run[]): readonly Block[] {
  if (!runs.some(({ outcome }) => outcome.kind !== "failed" && outcome.status === "draft")) return [];
  return [{ type: "context", text: "A draft goes live with POST /api/content/posts/<id>/publish." }];
}

function drawProblem(missing: string | undefined, last: Run | undefined): readonly Block[] {
  if (missing !== undefined) {
    return [{ type: "banner", title: "A setting is missing", description: missing, variant: "alert" }];
  }
  if (last?.outcome.kind !== "failed") return [];
  const description = last.outcome.message.slice(0, SHOWN.messageChars);
  return [{ type: "banner", title: "The last run wrote no post", description, variant: "error" }];
}

function toRow({ scheduledAt, provider, model, tokens, outcome }: Run): Readonly<Record<string, string>> {
  return {
    at: scheduledAt,
    outcome: outcome.kind === "failed" ? "failed" : outcome.status,
    what: outcome.kind === "failed" ? outcome.message.slice(0, SHOWN.messageChars) : outcome.title,
    by: `${provider} ${model}`,
    tokens: tokens === null ? "" : String(tokens.input + tokens.output),
  };
}
