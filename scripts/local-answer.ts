/**
 * Which article answers this request? The next one whose title the site has not got yet, about the topic that was asked
 * for; a site can run for a hundred posts, and be started anew in between, without a title coming twice. Pure.
 */
import { LOCAL_ARTICLES, type LocalArticle } from "./local-articles.ts";

/** What counts of a request. Both are empty where it is none of ours. */
export interface Wanted {
  readonly topic: string | null;
  readonly existingTitles: readonly string[];
}

/** Titles that fit any article, once its own is used. */
const ANGLES: readonly ((subject: string) => string)[] = [
  (subject) => `First steps with ${subject}`,
  (subject) => `An hour for ${subject}`,
  (subject) => `${capital(subject)} on a shoestring`,
  (subject) => `Small habits for better ${subject}`,
  (subject) => `${capital(subject)} without jargon`,
  (subject) => `Notes on ${subject} for busy people`,
  (subject) => `Getting ${subject} right this week`,
  (subject) => `Questions readers ask about ${subject}`,
  (subject) => `Back to basics: ${subject}`,
  (subject) => `What matters most in ${subject}`,
  (subject) => `${capital(subject)} in a village shop`,
  (subject) => `One afternoon spent on ${subject}`,
];

/** Reads what a writing plugin sends: a user message of JSON with `brief` and `data`. */
export function readWanted(userMessage: string): Wanted {
  let json: unknown;
  try {
    json = JSON.parse(userMessage);
  } catch {
    return { topic: null, existingTitles: [] };
  }
  const { brief, data } = json as {
    readonly brief?: { readonly topic?: unknown };
    readonly data?: { readonly existingTitles?: unknown };
  };
  const titles = data?.existingTitles;
  return {
    topic: typeof brief?.topic === "string" ? brief.topic : null,
    existingTitles: Array.isArray(titles) ? titles.filter((title) => typeof title === "string") : [],
  };
}

/** The article for a request, `turn` being how many came before it. */
export function chooseArticle({ topic, existingTitles }: Wanted, turn: number): LocalArticle {
  const candidates = topic === null ? LOCAL_ARTICLES : [findArticle(topic) ?? toGeneralArticle(topic)];
  const titled = [(article: LocalArticle) => article.title, ...ANGLES.map((angle) => titleWith(angle))].flatMap(
    (title) => candidates.map((article) => ({ ...article, title: title(article) })),
  );
  const used = new Set(existingTitles.map((title) => title.toLowerCase()));
  const fromTurn = [...titled.slice(turn % titled.length), ...titled.slice(0, turn % titled.length)];
  return fromTurn.find(({ title }) => !used.has(title.toLowerCase())) ?? fromTurn[0]!;
}

function titleWith(angle: (subject: string) => string): (article: LocalArticle) => string {
  return ({ subject }) => angle(subject);
}

/** The article whose subject the topic names. */
function findArticle(topic: string): LocalArticle | undefined {
  return LOCAL_ARTICLES.find(({ subject }) => topic.toLowerCase().includes(subject));
}

/** An article that holds for whatever somebody wants to write about. */
function toGeneralArticle(topic: string): LocalArticle {
  const subject = topic.split(/\s+/).slice(0, 8).join(" ").slice(0, 60);
  return {
    title: `A short guide to ${subject}`,
    subject,
    excerpt: `What to know about ${subject} before you begin, which two habits carry the most weight, and how to see that it works.`,
    opening: `There is more advice on ${subject} than anybody can read, and most of it starts in the middle. This guide starts at the front: what you want from it, what to do first, and how to tell after a month that it was worth the effort.`,
    sections: [
      {
        heading: "Decide what a good result looks like",
        text: `Write one sentence that describes the day when **${subject}** no longer needs your attention. Name a number or a thing that anybody could check. Whatever does not lead to that sentence can wait, and most of it will never be missed.`,
      },
      {
        heading: "Begin with the smallest useful part",
        text: "Large plans fail quietly, small ones fail early and cheaply. Choose a part that is finished within a week and useful by itself. Do it with what you already have; new tools hide whether the idea was any good. When it is done, show it to somebody who was not involved and listen without explaining.",
      },
      {
        heading: "Keep notes that you can use again",
        text: "After each step write down three lines: what you expected, what happened, what you will change. Half a page a month is enough. It turns chance into experience, and it is the only part of the work that nobody can buy from somebody else. The [checklist below](#three-things-to-do-now) fits on a card.",
      },
      {
        heading: "Look again after a month",
        text: "Compare what you see with the sentence from the beginning. If it has come closer, go on; if not, change one thing and only one, so that you learn which it was.",
      },
    ],
    steps: [
      `Write the sentence that says what ${subject} should bring you`,
      "Choose the part that is finished within a week",
      "Put a day into the calendar, one month ahead, to compare",
    ],
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
