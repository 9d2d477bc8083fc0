/** What does a browser find in a page? Read by a real parser, so a test judges elements and not patterns of text. */

/** One element with its attributes. */
export interface FoundElement {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const TAGS = new Set(
  `html head meta link title script body a header nav main footer article div p h1 h2 h3 h4 h5 h6 time img span ol ul li code
  strong em u s sub sup br hr blockquote pre figure figcaption table tr th td`.split(/\s+/),
);
const ATTRIBUTES = new Set(
  `lang charset name content property rel type title href hreflang class id aria-label aria-hidden dir datetime src alt loading
  decoding tabindex role scope`.split(/\s+/),
);

/** The elements of a page, in order. */
export async function readElements(markup: string): Promise<readonly FoundElement[]> {
  const elements: FoundElement[] = [];
  const rewriter = new HTMLRewriter().on("*", {
    element: ({ tagName, attributes }) => {
      elements.push({
        tag: tagName,
        attributes: Object.fromEntries([...attributes].map(([name, value]) => [name ?? "", value ?? ""])),
      });
    },
  });
  await rewriter.transform(new Response(markup, { headers: { "content-type": "text/html" } })).text();
  return elements;
}

/** What of a page could act: unknown elements or attributes, addresses of other schemes, scripts that are no data. */
export async function findActive(markup: string): Promise<readonly string[]> {
  const found = await readElements(markup);
  return found.flatMap(({ tag, attributes }) => {
    const faults = Object.entries(attributes).flatMap(([name, value]) => {
      if (!ATTRIBUTES.has(name)) return [`${tag} ${name}=${value}`];
      return (name === "href" || name === "src") && !isInert(value) ? [`${tag} ${name}=${value}`] : [];
    });
    if (tag === "script" && attributes["type"] !== "application/ld+json") faults.push("script that runs");
    return TAGS.has(tag) ? faults : [...faults, tag];
  });
}

/** The JSON-LD graphs of a page; a script that is no JSON fails the test. */
export async function readGraphs(markup: string): Promise<readonly unknown[]> {
  const texts: string[] = [];
  let open = "";
  const rewriter = new HTMLRewriter().on("script", {
    text: (chunk) => {
      open += chunk.text;
      if (!chunk.lastInTextNode) return;
      texts.push(open);
      open = "";
    },
  });
  await rewriter.transform(new Response(markup, { headers: { "content-type": "text/html" } })).text();
  return texts.map((text) => JSON.parse(text) as unknown);
}

/** The text that XML or HTML character references stand for. */
export function decodeMarkup(text: string): string {
  const named: Readonly<Record<string, string>> = {
    amp: "&",
    lt: "<",
    gt: ">",
    quot: '"',
    "#39": "'",
    "#x27": "'",
    nbsp: "\u00a0",
  };
  return text.replace(/&(amp|lt|gt|quot|#39|#x27|nbsp);/g, (_, name: string) => named[name] ?? "");
}

function isInert(address: string): boolean {
  const url = URL.parse(decodeMarkup(address), "https://tidewrack.test/posts/x");
  return url !== null && ["http:", "https:", "mailto:", "at:"].includes(url.protocol);
}
