/**
 * What of a stranger's HTML may stand on a page or in a mail? It is taken apart by a tokenizer that follows the HTML
 * standard and written anew from what is allowed, so nothing of the input's own markup survives. Pure; takes time linear
 * in its input, because no tree is built.
 */
import { Tokenizer, TokenizerMode, type Token } from "parse5";
import { DROPPED, toAllowedAttributes, toAllowedElement, toPlain } from "./allowed-html.ts";
import { createHtmlWriter, type HtmlWriter } from "./html-writer.ts";

/** How the tokenizer reads the content of elements whose content is not markup. */
const CONTENT_MODES: ReadonlyMap<string, Tokenizer["state"]> = new Map<string, Tokenizer["state"]>([
  ["script", TokenizerMode.SCRIPT_DATA],
  ["textarea", TokenizerMode.RCDATA],
  ["title", TokenizerMode.RCDATA],
  ["plaintext", TokenizerMode.PLAINTEXT],
  ...["style", "xmp", "iframe", "noembed", "noframes", "noscript"].map(
    (name) => [name, TokenizerMode.RAWTEXT] as const,
  ),
]);
/** In these a tag that is closed in itself has no content. */
const FOREIGN: ReadonlySet<string> = new Set(["svg", "math"]);

/**
 * HTML with only what `allowed-html.ts` lists: text, structure, links to http, https and mailto, images over https. Doing
 * it again changes nothing.
 *
 * @param html at most `TEXT_LIMITS.htmlChars` characters, which the caller checks.
 */
export function sanitizeHtml(html: string): string {
  const writer = createHtmlWriter();
  /** The element that is being left out, and how many of its name are open. */
  let dropped: { readonly name: string; depth: number } | undefined;

  const tokenizer = new Tokenizer(
    {},
    {
      onStartTag({ tagName, selfClosing, attrs }: Token.TagToken) {
        if (dropped) {
          if (tagName === dropped.name && !selfClosing) dropped.depth += 1;
          if (!FOREIGN.has(dropped.name)) readContentOf(tagName);
          return;
        }
        if (DROPPED.has(tagName)) {
          if (!(selfClosing && FOREIGN.has(tagName))) dropped = { name: tagName, depth: 1 };
          return readContentOf(tagName);
        }
        open(writer, tagName, attrs);
      },
      onEndTag({ tagName }: Token.TagToken) {
        if (dropped) {
          if (tagName === dropped.name && (dropped.depth -= 1) === 0) dropped = undefined;
          return;
        }
        const name = toAllowedElement(tagName);
        if (name !== undefined) writer.close(name);
      },
      onCharacter: write,
      onWhitespaceCharacter: write,
      onNullCharacter: () => {},
      onComment: () => {},
      onDoctype: () => {},
      onEof: () => {},
    },
  );

  function readContentOf(name: string): void {
    const mode = CONTENT_MODES.get(name);
    if (mode !== undefined) tokenizer.state = mode;
  }

  function write({ chars }: Token.CharacterToken): void {
    if (!dropped) writer.text(toPlain(chars));
  }

  tokenizer.write(html, true);
  return writer.end();
}

function open(writer: HtmlWriter, tagName: string, attrs: readonly Token.Attribute[]): void {
  const name = toAllowedElement(tagName);
  if (name === undefined) return;
  const attributes = toAllowedAttributes(name, attrs);
  const has = (wanted: string): boolean => attributes.some(([attribute]) => attribute === wanted);
  if (name === "img" && !has("src")) {
    // What an image shows is lost, what it says is not.
    return writer.text(attributes.find(([attribute]) => attribute === "alt")?.[1] ?? "");
  }
  // `ugc` and `nofollow`: who wrote this is not who owns the site.
  const href = attributes.find(([attribute]) => attribute === "href")?.[1] ?? "";
  const isAway = name === "a" && /^https?:/.test(href);
  writer.open(name, isAway ? [...attributes, ["rel", "nofollow ugc noopener"]] : attributes);
}
