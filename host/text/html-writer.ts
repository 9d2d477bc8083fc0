/**
 * How does HTML come about that a browser reads as it was written? Elements are opened and closed by the rules of nesting,
 * everything is closed at the end, and all text is escaped.
 */
import { escapeMarkup } from "../site/text.ts";
import { VOID } from "./allowed-html.ts";
import { TEXT_LIMITS } from "./limits.ts";
import { endOf, placeOf } from "./nesting.ts";

/** Writes HTML. Names and attributes must have passed the table of what is allowed. */
export interface HtmlWriter {
  /** Starts an element, where it may stand. */
  open(name: string, attributes: readonly (readonly [string, string])[]): void;
  /** Ends the innermost element of that name, and what is open within it. */
  close(name: string): void;
  text(text: string): void;
  /** The HTML, with everything closed. */
  end(): string;
}

/** A writer with nothing written. */
export function createHtmlWriter(): HtmlWriter {
  const parts: string[] = [];
  const opened: string[] = [];

  function closeTo(count: number): void {
    while (opened.length > count) parts.push(`</${opened.pop()}>`);
  }

  return {
    open(name, attributes) {
      const kept = placeOf(name, opened);
      if (kept === undefined) return;
      closeTo(kept);
      const isVoid = VOID.has(name);
      if (!isVoid && opened.length >= TEXT_LIMITS.depth) return;
      const written = attributes.map(([attribute, value]) => ` ${attribute}="${escapeMarkup(value)}"`);
      parts.push(`<${name}${written.join("")}>`);
      if (!isVoid) opened.push(name);
    },
    close(name) {
      const kept = endOf(name, opened);
      if (kept !== undefined) closeTo(kept);
    },
    text(text) {
      parts.push(escapeMarkup(text));
    },
    end() {
      closeTo(0);
      return parts.join("");
    },
  };
}
