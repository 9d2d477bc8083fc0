/**
 * Which HTML is let through? Elements and attributes of this table and no others, each value judged. No `id`, `name`,
 * `class`, `style` or handler is among them, so what passes can neither run nor restyle nor shadow anything of a page.
 */
import { toSafeHref, toSafeSource } from "../content/address.ts";
import { toCleanText } from "../site/text.ts";
import { TEXT_LIMITS } from "./limits.ts";

/** A value as it may stand in an attribute, or undefined where it may not. */
type Judge = (value: string) => string | undefined;

const matching =
  (pattern: RegExp): Judge =>
  (value) =>
    pattern.test(value) ? value : undefined;

const words: Judge = (value) => value.slice(0, TEXT_LIMITS.attributeChars).toWellFormed();
const size = matching(/^[1-9][0-9]{0,3}$/);
const span = matching(/^[1-9][0-9]?$/);

/** SECURITY: judged until it stays what it is, so that no second look finds another address. (tests/host/sanitize.source.test.ts, "a second time changes nothing") */
const settled =
  (judge: (value: unknown) => string | undefined): Judge =>
  (value) => {
    const once = judge(value);
    return once !== undefined && judge(once) === once ? once : undefined;
  };

/** The address of a link: http, https, mailto, or one of the site. */
export const toHref = settled((value) => {
  const href = toSafeHref(value);
  // SECURITY: `java\u0000script:x` is a path to a browser; what reads mail may be less sure. (tests/host/sanitize.source.test.ts, "of kind")
  return href === undefined || /^(https?|mailto):/.test(href) || !/^[^/?#]*:/.test(href) ? href : undefined;
});

/** The address of an image: https, or one of the site. */
export const toImageSource = settled((value) => {
  const source = toSafeSource(value);
  return source === undefined || source.startsWith("http:") ? undefined : toHref(source);
});

const EVERYWHERE: Readonly<Record<string, Judge>> = {
  lang: matching(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/),
  dir: matching(/^(ltr|rtl|auto)$/),
};

/** Elements without attributes of their own. */
const PLAIN = [
  "p div h1 h2 h3 h4 h5 h6 blockquote pre hr br figure figcaption ul li dl dt dd table caption thead tbody tfoot tr",
  "b strong i em u s del ins sub sup small mark kbd samp q cite",
].flatMap((names) => names.split(" "));

/** Element to its attributes, in the order in which they are written. */
const ELEMENTS: Readonly<Record<string, Readonly<Record<string, Judge>>>> = {
  ...Object.fromEntries(PLAIN.map((name) => [name, {}])),
  a: { href: toHref, title: words },
  abbr: { title: words },
  code: { class: matching(/^language-[A-Za-z0-9+#.-]{1,30}$/) },
  img: { src: toImageSource, alt: words, title: words, width: size, height: size },
  ol: { start: matching(/^[0-9]{1,6}$/) },
  td: { colspan: span, rowspan: span },
  th: { colspan: span, rowspan: span, scope: matching(/^(row|col)$/) },
};

const SECTIONS = "section article main header footer aside nav address center form fieldset".split(" ");

/** Elements that are written under another name. Without any, the words of two sections would run together. */
const RENAMED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(SECTIONS.map((name) => [name, "div"])),
  strike: "s",
};

/** Elements without content. */
export const VOID: ReadonlySet<string> = new Set(["br", "hr", "img"]);

/** Elements that go with all that is in them; of all others that are not let through the content stays. */
export const DROPPED: ReadonlySet<string> = new Set([
  ..."script style textarea title xmp iframe noembed noframes noscript plaintext template svg math".split(" "),
  ..."object applet select datalist audio video canvas frameset".split(" "),
]);

/** The name under which an element is written; undefined where it is not. */
export function toAllowedElement(name: string): string | undefined {
  const written = Object.hasOwn(RENAMED, name) ? RENAMED[name]! : name;
  return Object.hasOwn(ELEMENTS, written) ? written : undefined;
}

/** The attributes that an allowed element keeps, in the table's order. */
export function toAllowedAttributes(
  element: string,
  attributes: readonly { readonly name: string; readonly value: string }[],
): readonly (readonly [string, string])[] {
  if (attributes.length === 0) return [];
  const given = new Map(attributes.map(({ name, value }) => [name, value]));
  return Object.entries({ ...ELEMENTS[element], ...EVERYWHERE }).flatMap(([name, judge]) => {
    const value = given.get(name);
    const kept = value === undefined ? undefined : judge(toPlain(value));
    return kept === undefined ? [] : [[name, kept] as const];
  });
}

/** Text as it comes back from a parser unchanged. */
export function toPlain(text: string): string {
  return toCleanText(text.replace(/\r\n?/g, "\n"));
}
