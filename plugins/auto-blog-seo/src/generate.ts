/**
 * How does a scheduled run make a post? Choose, ask, check, then one `content.create` that makes post, revision, SEO and
 * publication together. Whatever fails before it leaves nothing behind and fails the run with a reason.
 */
import type { ContentItem, CronEvent, PluginContext } from "@bulkhead/sdk";
import { parseArticle } from "./article.ts";
import { askProvider } from "./ask.ts";
import { COLLECTION, readExistingPosts } from "./existing-posts.ts";
import { PROMPT_VERSION, toPrompt } from "./prompt.ts";
import { chooseProvider, type ChosenProvider } from "./providers.ts";
import { ok, type Fault, type Result } from "./result.ts";
import { toSettings, type Settings } from "./settings.ts";
import { STATE_KEY, findWritten, toState, withRun, type Run, type State } from "./state.ts";
import { pickTopic } from "./topics.ts";
import type { Tokens } from "./wire-format.ts";

/** The name of the schedule in `plugin.json`. */
export const SCHEDULE = "generate";

/** Runs one occurrence. Throws where no post came of it, so that the run shows as failed. */
export async function generate({ scheduledAt }: CronEvent, ctx: PluginContext): Promise<void> {
  const [values, stored] = await Promise.all([ctx.settings.all(), ctx.kv.get(STATE_KEY)]);
  const state = toState(stored);
  const before = findWritten(state, scheduledAt);
  if (before !== undefined) {
    ctx.log.info("This occurrence has its post already", { scheduledAt, title: before });
    return;
  }
  const settings = toSettings(values, ctx.site);
  const { topic, next } = pickTopic(settings.topics, state.cursor);
  const provider = chooseProvider(settings);
  const outcome = provider.ok
    ? await write(ctx, { settings, provider: provider.value, topic, scheduledAt, ownTitles: state.titles }).catch(
        toHostFault,
      )
    : provider;

  const run: Run = {
    scheduledAt,
    provider: settings.provider,
    model: provider.ok ? provider.value.model : settings.model,
    tokens: outcome.ok ? outcome.value.tokens : null,
    topic,
    outcome: outcome.ok ? toWritten(outcome.value.item) : toFailed(outcome.fault),
  };
  // A topic keeps its turn until a post came of it; a failed run leaves nothing but its note.
  await remember(ctx, withRun(state, run, { cursor: outcome.ok ? next : state.cursor }));

  if (!outcome.ok) throw new Error(`No post was written. ${outcome.fault.message}`);
  const { id, status, slug, data } = outcome.value.item;
  ctx.log.info(status === "published" ? "Published a post" : "Saved a draft", {
    id,
    title: data["title"],
    slug,
    topic,
    provider: run.provider,
    model: run.model,
    tokens: run.tokens,
    promptVersion: PROMPT_VERSION,
  });
}

interface Job {
  readonly settings: Settings;
  readonly provider: ChosenProvider;
  readonly topic: string | null;
  readonly scheduledAt: string;
  readonly ownTitles: readonly string[];
}

interface Written {
  readonly item: ContentItem;
  readonly tokens: Tokens | null;
}

/** Each step's result feeds the next one; a checkpoint between two of them needs no other change. */
async function write(
  ctx: PluginContext,
  { settings, provider, topic, scheduledAt, ownTitles }: Job,
): Promise<Result<Written>> {
  const existing = await readExistingPosts(ctx);
  const prompt = toPrompt({ settings, topic, existingTitles: existing.titles, siteName: ctx.site.name });
  const answer = await askProvider(ctx, { provider, prompt });
  if (!answer.ok) return answer;
  const article = parseArticle(answer.value.text, { ...existing, titles: [...existing.titles, ...ownTitles] });
  if (!article.ok) {
    const { kind, message } = article.fault;
    const who = `${provider.label} (model "${provider.model}")`;
    return { ok: false, fault: { kind, message: `${who} gave an answer that is no post: ${message}.` } };
  }
  const { title, slug, seoTitle, seoDescription, excerpt, markdown } = article.value;
  const content = await ctx.text.markdownToPortableText(markdown);
  const seo = { title: seoTitle, description: seoDescription };
  const item = await ctx.content.create(
    COLLECTION,
    { title, content, excerpt, seo, ...(slug === null ? {} : { slug }) },
    { idempotencyKey: `${SCHEDULE}:${scheduledAt}`, publish: settings.publish },
  );
  return ok({ item, tokens: answer.value.tokens });
}

function toHostFault(error: unknown): Result<never> {
  return { ok: false, fault: { kind: "host", message: error instanceof Error ? error.message : String(error) } };
}

function toWritten({ id, data, status }: ContentItem): Run["outcome"] {
  return { kind: "written", id, title: String(data["title"]), status };
}

function toFailed({ kind, message }: Fault): Run["outcome"] {
  return { kind: "failed", fault: kind, message };
}

/** A record that cannot be kept is no reason to call a post that exists a failure. */
async function remember(ctx: PluginContext, state: State): Promise<void> {
  try {
    await ctx.kv.set(STATE_KEY, state);
  } catch (error) {
    ctx.log.warn("Could not remember this run", { reason: String(error) });
  }
}
