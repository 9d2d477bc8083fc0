/** What does a model answer here? An article that fits, with whatever a test wants different in it. */

const PARAGRAPH =
  "Water in the morning, when the soil is cool and the leaves dry again before night. Push a finger into the ground first: dry to the second joint means water, damp means wait. ";

/** An article as the object a model is asked for. */
export function toArticle(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    title: "Watering tomatoes without wasting a drop",
    slug: "watering-tomatoes",
    seoTitle: "Watering tomatoes well",
    seoDescription: "When and how much to water tomatoes, and how to tell by touch that they have had enough.",
    excerpt: "A finger in the soil knows more than any timer.",
    markdown: `${PARAGRAPH.repeat(3)}\n\n## When to water\n\n${PARAGRAPH.repeat(3)}\n\n- Mulch\n- Water the **soil**, not the leaves`,
    ...changes,
  };
}

/** The answer of an OpenAI-compatible server that holds the text. */
export function toChatAnswer(content: unknown, changes: Readonly<Record<string, unknown>> = {}): string {
  const choice = { index: 0, finish_reason: "stop", message: { role: "assistant", content }, ...changes };
  return JSON.stringify({ id: "c1", object: "chat.completion", choices: [choice] });
}
