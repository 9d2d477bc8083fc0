/** What does the local LLM write about? A dozen short articles on running a small web site, each as data. */

/** One article: an opening, sections and a close. */
export interface LocalArticle {
  readonly title: string;
  /** What it is about in two words, for further titles. */
  readonly subject: string;
  readonly excerpt: string;
  readonly opening: string;
  readonly sections: readonly { readonly heading: string; readonly text: string }[];
  readonly steps: readonly string[];
}

/** The articles, in the order in which they are handed out. */
export const LOCAL_ARTICLES: readonly LocalArticle[] = [
  {
    title: "How to write page titles that people click",
    subject: "page titles",
    excerpt: "A page title is a promise made in sixty characters. Four habits keep it honest and worth a click.",
    opening:
      "Most visitors meet a page as one line in a list of results. They compare it with nine other lines in less than two seconds, so the title has to carry the answer and not only the subject.",
    sections: [
      {
        heading: "Say what the reader gets",
        text: "Start from the question somebody typed and finish the sentence for them. **Repair a dripping tap without a plumber** tells more than *Tap repair*, because it names the result and the condition. Read your title aloud: if it could stand above any other page of the site, it is still too vague.",
      },
      {
        heading: "Put the important word first",
        text: "Eyes travel down the left edge of a list. Move the brand to the end, cut the filler at the start, and keep numbers as digits. On a phone the last third of a long title is hidden, so nothing essential may live there.",
      },
      {
        heading: "Keep the promise on the page",
        text: "A title that the first paragraph does not repeat in other words sends people straight back. That return is visible to search engines and to your own statistics, and it costs more than a plain title ever would.",
      },
    ],
    steps: [
      "List the ten pages with the most impressions",
      "Rewrite the three weakest titles",
      "Compare clicks after two weeks",
    ],
  },
  {
    title: "A small image budget makes every page faster",
    subject: "image weight",
    excerpt: "Pictures are most of what a page weighs. Decide how many kilobytes they may cost before you choose them.",
    opening:
      "When a page feels slow on a phone, the cause is nearly always a picture that nobody measured. A budget turns that from a matter of taste into a number that everyone on the team can check.",
    sections: [
      {
        heading: "Pick a number and write it down",
        text: "Two hundred kilobytes of pictures on a normal page is generous and still quick on a weak connection. Put the figure where editors upload files, next to the button, and show how much of it is left.",
      },
      {
        heading: "Resize before you compress",
        text: "A photograph that is shown 800 pixels wide does not need 4,000 of them. Halving both sides removes three quarters of the data before any codec starts its work, and nobody can see the difference.",
      },
      {
        heading: "Let the browser choose",
        text: "Offer two or three widths with `srcset` and say how wide the picture appears with `sizes`. The browser knows the screen, the density and the connection; the server does not.",
      },
    ],
    steps: [
      "Measure the heaviest five pages",
      "Replace the largest picture on each",
      "Set width and height so that nothing jumps",
    ],
  },
  {
    title: "Internal links: the cheapest improvement you can make",
    subject: "internal links",
    excerpt: "Links between your own pages cost nothing, last for years and help people as much as crawlers.",
    opening:
      "Every site has pages that deserve readers and get none. Usually they are good; they are simply three clicks away from anything that anybody visits.",
    sections: [
      {
        heading: "Find the lonely pages",
        text: "Count how many of your own pages point at each address. Those with one or none are islands. Half of them should be linked, and the other half should be merged into something better.",
      },
      {
        heading: "Link from the sentence that raises the question",
        text: "A list at the bottom is polite, but a link inside the paragraph where the question comes up is useful. Use words that describe the target, so that a person who hears only the link still knows where it leads.",
      },
      {
        heading: "Give each subject one home",
        text: "When five articles compete for one question, choose the best, move what is worth keeping into it and point the rest there. One strong page is easier to keep up to date than five thin ones.",
      },
    ],
    steps: [
      "Export your pages with their inbound links",
      "Add two links to each lonely page",
      "Repeat whenever you publish",
    ],
  },
  {
    title: "What a sitemap does, and what it does not",
    subject: "your sitemap",
    excerpt: "A sitemap helps search engines find pages. It does not make a weak page rank, and it must never lie.",
    opening:
      "A sitemap is a plain list of addresses with the date each one last changed. It is the least glamorous file of a site, and for new or large sites one of the most useful.",
    sections: [
      {
        heading: "It is an invitation",
        text: "Crawlers follow links first. The list tells them about pages that links have not reached yet, and it lets them skip what has not changed since their last visit. On a site with ten pages the effect is small; with ten thousand it is large.",
      },
      {
        heading: "Dates have to be true",
        text: "If every entry says *today*, crawlers learn to ignore the column. Write the moment when the visible content last changed, and leave the date alone when only a footer did.",
      },
      {
        heading: "Leave out what nobody should find",
        text: "Drafts, search results, filtered lists and pages marked as not to be indexed have no place in it. An address in the list that answers with an error is a small lie, and enough of them cost trust.",
      },
    ],
    steps: ["Open /sitemap.xml and read it", "Check ten entries by hand", "Send it once to the search console"],
  },
  {
    title: "Write alt text as if you were on the phone",
    subject: "alt texts",
    excerpt: "Describing a picture to somebody who cannot see it is easier than it looks when you imagine a call.",
    opening:
      "Alternative text is read aloud, shown when a picture fails to load and used by image search. One good sentence serves all three, and you already know how to say it.",
    sections: [
      {
        heading: "Imagine a friend on the line",
        text: "You are reading the page to somebody over the telephone and reach the picture. What would you say so that the next paragraph makes sense? That sentence is the alternative text, and it seldom starts with *picture of*.",
      },
      {
        heading: "Decoration stays silent",
        text: "A swirl beside the heading tells nobody anything. Give it an empty alternative and screen readers pass over it. Silence is a decision too, and often the kind one.",
      },
      {
        heading: "Charts need their point",
        text: "Do not read out forty numbers. Say what the chart shows, for example that orders doubled in spring, and offer the figures as a table below for those who want them.",
      },
    ],
    steps: [
      "Switch pictures off and read your start page",
      "Write the three missing sentences",
      "Add the rule to your checklist",
    ],
  },
  {
    title: "Choosing a publishing rhythm you can keep",
    subject: "publishing rhythm",
    excerpt: "Readers forgive a quiet week. They do not come back to a site that stopped twice without a word.",
    opening:
      "Plans for daily posts are made in January and abandoned by March. A slower rhythm that survives holidays and deadlines builds more than any sprint.",
    sections: [
      {
        heading: "Start from the worst month",
        text: "Think of the busiest month of last year and ask what you could have published then. That number, not the one from a calm week, is your rhythm. Everything above it goes into a reserve.",
      },
      {
        heading: "Keep a reserve of three",
        text: "Three finished pieces in the drawer turn an illness into a non-event. Refill the drawer before you speed up, and prefer subjects that do not age.",
      },
      {
        heading: "Separate writing from publishing",
        text: "A calendar that publishes by itself lets you write when the mind is fresh and go out when readers are awake. Review on one day, schedule on another, and mistakes become easier to see.",
      },
    ],
    steps: ["Write down the honest number", "Fill the drawer", "Tell your readers which day to expect"],
  },
  {
    title: "Redirects without regret: moving a page the right way",
    subject: "moved addresses",
    excerpt: "Addresses outlive plans. A careful redirect keeps bookmarks, links and the work you put in.",
    opening:
      "Sooner or later an address turns out to be wrong: a typo, a year in the path, a product with a new name. Moving it takes a minute, and forgetting the old one can undo years.",
    sections: [
      {
        heading: "Permanent means permanent",
        text: "Use the permanent status when the old address will never return. Browsers and search engines remember it for a long time, which is exactly what you want after a move and exactly what you do not want during an experiment.",
      },
      {
        heading: "One hop, never a chain",
        text: "When a page moves a second time, point the first address straight at the newest. Every extra hop costs time on a phone, and long chains are cut off by some crawlers.",
      },
      {
        heading: "Move to the same thing",
        text: "Sending every old product to the start page looks like an error to people and to machines. If there is no real successor, an honest page that says so is the better answer.",
      },
    ],
    steps: ["Keep a table of moved addresses", "Test each one once a year", "Update your own links to the new place"],
  },
  {
    title: "Reading your statistics in fifteen minutes a week",
    subject: "visitor statistics",
    excerpt: "You need four questions, not forty charts. Ask them every Monday and write the answers down.",
    opening:
      "Dashboards are built to be looked at, not to be acted on. A short ritual with fixed questions beats an afternoon lost in filters.",
    sections: [
      {
        heading: "What did people come for?",
        text: "Look at the ten pages where visits begin. They are your real front doors. If one of them is new, find out who linked to it and thank them; if one is gone, look for the reason at once.",
      },
      {
        heading: "Where did they stop?",
        text: "Compare how many started a form or a checkout with how many finished. A sudden gap is nearly always something broken on one kind of device, and it is the most valuable thing the numbers can tell you.",
      },
      {
        heading: "What will we change?",
        text: "Leave with one decision and one owner. Statistics that change nothing are entertainment, and there is better entertainment.",
      },
    ],
    steps: [
      "Put fifteen minutes into the calendar",
      "Answer the questions in a shared note",
      "Check last week's decision first",
    ],
  },
  {
    title: "Security basics every small site can afford",
    subject: "site security",
    excerpt: "Most break-ins use an old door that nobody locked. Five habits close nearly all of them.",
    opening:
      "Nobody attacks a small site because it is interesting. Machines try every door on the street, day and night, and the open ones are entered by script.",
    sections: [
      {
        heading: "Fewer keys, better kept",
        text: "Give every person an account of their own with only the rights they need, and close accounts the day somebody leaves. Passkeys end the era of shared passwords and cost nothing.",
      },
      {
        heading: "Know what you run",
        text: "A plugin that nobody remembers installing is a risk that nobody watches. Keep a list of what is installed, what it may do and who wanted it, and remove what has lost its owner.",
      },
      {
        heading: "Practise the bad day",
        text: "A backup that was never restored is a hope. Restore one into an empty place twice a year, and write down how long it took. On the bad day you will be glad of that note.",
      },
    ],
    steps: ["Remove one unused account today", "Read the list of plugins and their rights", "Try a restore this month"],
  },
  {
    title: "Plain language wins: editing your own text",
    subject: "plain language",
    excerpt: "Good editing is mostly cutting. Read aloud, remove what repeats and prefer the shorter word.",
    opening:
      "Nobody complains that a page was too easy to understand. Plain language is not simple thinking; it is respect for somebody who has little time.",
    sections: [
      {
        heading: "Read it aloud",
        text: "Where you run out of breath, the sentence is too long. Where you stumble, a reader will too. The ear finds what the eye has learned to pass over.",
      },
      {
        heading: "Cut the warm-up",
        text: "The first paragraph of a draft is often the writer getting ready. Delete it and see whether anything is missing. Most of the time the second one was the real beginning.",
      },
      {
        heading: "One idea in each paragraph",
        text: "If a paragraph needs the word *also* twice, it holds two ideas. Give each a place of its own and a heading where it helps, and people will find what they came for.",
      },
    ],
    steps: [
      "Print one page and mark every spare word",
      "Replace three long words",
      "Ask somebody outside the trade to read it",
    ],
  },
  {
    title: "Making a contact page that gets answers",
    subject: "contact forms",
    excerpt: "Say who reads the message, how soon they reply and what they need to know. The form can be short.",
    opening:
      "The contact page is where a visitor turns into a conversation. It is also, on many sites, the page that was built last and tested never.",
    sections: [
      {
        heading: "Set expectations first",
        text: "Tell people when somebody will answer and on which days. *We reply within one working day* calms more than any design, provided that it is true.",
      },
      {
        heading: "Ask for less",
        text: "Every field that you add loses a few messages. A name, an address for the reply and a text are enough for nearly everything. Whatever else you need can be asked in the first answer.",
      },
      {
        heading: "Test it like a stranger",
        text: "Send a message from a phone, over a mobile connection, with an attachment. Check that it arrives, that the confirmation is readable and that the reply does not land among the unwanted mail.",
      },
    ],
    steps: [
      "Remove two fields",
      "Add the sentence about response time",
      "Put a test message into the calendar each month",
    ],
  },
  {
    title: "When to update an old article instead of writing a new one",
    subject: "older articles",
    excerpt: "An article that already has readers needs an hour of care more than the world needs a second one.",
    opening:
      "Publishing feels like progress, and polishing feels like housework. For a site that has existed for some years, housework usually brings more readers.",
    sections: [
      {
        heading: "Look for the slow decline",
        text: "Sort your articles by the visits they lost over the past year. Those at the top once answered a question well and no longer do. Find out what changed: the product, the law, or simply the words people use.",
      },
      {
        heading: "Change the substance, keep the address",
        text: "Rewrite what is wrong, remove what is obsolete, add the question that readers ask today. Keep the address, say when it was revised and mention what is new near the top.",
      },
      {
        heading: "Let some of them go",
        text: "Not every page deserves another year. If a subject no longer matters to you, redirect it to the nearest living relative or let it end with a friendly note.",
      },
    ],
    steps: ["List the ten largest declines", "Revise one each week", "Note the date of revision on the page"],
  },
];
