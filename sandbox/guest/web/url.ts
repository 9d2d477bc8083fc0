/** Who parses URLs? The host, by the same rules as the rest of it: two parsers that differ are how allow-lists are bypassed. */
import { askHost } from "../host.ts";
import { defineProperty, StringFunction, TypeErrorClass } from "../primordials.ts";
import { bindParams, followQuery, type URLSearchParams } from "./search-params.ts";

/** What the host tells of a URL. All but the origin may be set. */
const PARTS = [
  "origin",
  "href",
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
] as const;
type Part = (typeof PARTS)[number];
type Parts = Readonly<Record<Part, string>>;

function parse(url: unknown, base: unknown): Parts {
  const args = base === undefined ? [StringFunction(url)] : [StringFunction(url), StringFunction(base)];
  try {
    return askHost("url.parse", args) as Parts;
  } catch {
    throw new TypeErrorClass("Invalid URL: " + args[0]);
  }
}

export class URL {
  declare readonly href: string;
  #parts: Parts;
  #params: URLSearchParams | undefined;

  constructor(url: unknown, base?: unknown) {
    this.#parts = parse(url, base);
  }
  static canParse(url: unknown, base?: unknown): boolean {
    return URL.parse(url, base) !== null;
  }
  static parse(url: unknown, base?: unknown): URL | null {
    try {
      return new URL(url, base);
    } catch {
      return null;
    }
  }
  // Accessors of the same code for all: written out they are a good part of an image.
  static {
    for (const part of PARTS) {
      const set = function (this: URL, value: unknown) {
        this.#set(part, value);
        if (this.#params !== undefined) followQuery(this.#params, this.#parts.search);
      };
      defineProperty(this.prototype, part, {
        get(this: URL) {
          return this.#parts[part];
        },
        ...(part === "origin" ? {} : { set }),
        configurable: true,
      });
    }
  }

  #set(part: Part, value: unknown): void {
    try {
      this.#parts = askHost("url.set", [this.#parts.href, part, StringFunction(value)]) as Parts;
    } catch (error) {
      // As in browsers only `href` complains.
      if (part === "href") throw error;
    }
  }

  get searchParams(): URLSearchParams {
    this.#params ??= bindParams(this.#parts.search, (query) => this.#set("search", query));
    return this.#params;
  }
  toString(): string {
    return this.#parts.href;
  }
  toJSON(): string {
    return this.#parts.href;
  }
}
