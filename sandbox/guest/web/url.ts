/** Who parses URLs? The host, by the same rules as the rest of it: two parsers that differ are how allow-lists are bypassed. */
import { askHost } from "../host.ts";
import { StringFunction, TypeErrorClass } from "../primordials.ts";
import { URLSearchParams } from "./search-params.ts";

interface Parts {
  readonly href: string;
  readonly origin: string;
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
}

function parse(url: unknown, base: unknown): Parts {
  const args = base === undefined ? [StringFunction(url)] : [StringFunction(url), StringFunction(base)];
  try {
    return askHost("url.parse", args) as Parts;
  } catch {
    throw new TypeErrorClass(`Invalid URL: ${args[0]}`);
  }
}

export class URL {
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

  #set(property: string, value: unknown): void {
    try {
      this.#parts = askHost("url.set", [this.#parts.href, property, StringFunction(value)]) as Parts;
    } catch (error) {
      // As in browsers only `href` complains.
      if (property === "href") throw error;
    }
  }
  #setQuery(property: string, value: unknown): void {
    this.#set(property, value);
    if (this.#params !== undefined) URLSearchParams.follow(this.#params, this.#parts.search);
  }

  get searchParams(): URLSearchParams {
    this.#params ??= URLSearchParams.bind(this.#parts.search, () =>
      this.#set("search", this.#params?.toString() ?? ""),
    );
    return this.#params;
  }
  get origin(): string {
    return this.#parts.origin;
  }
  get href(): string {
    return this.#parts.href;
  }
  set href(value: unknown) {
    this.#setQuery("href", value);
  }
  get protocol(): string {
    return this.#parts.protocol;
  }
  set protocol(value: unknown) {
    this.#set("protocol", value);
  }
  get username(): string {
    return this.#parts.username;
  }
  set username(value: unknown) {
    this.#set("username", value);
  }
  get password(): string {
    return this.#parts.password;
  }
  set password(value: unknown) {
    this.#set("password", value);
  }
  get host(): string {
    return this.#parts.host;
  }
  set host(value: unknown) {
    this.#set("host", value);
  }
  get hostname(): string {
    return this.#parts.hostname;
  }
  set hostname(value: unknown) {
    this.#set("hostname", value);
  }
  get port(): string {
    return this.#parts.port;
  }
  set port(value: unknown) {
    this.#set("port", value);
  }
  get pathname(): string {
    return this.#parts.pathname;
  }
  set pathname(value: unknown) {
    this.#set("pathname", value);
  }
  get search(): string {
    return this.#parts.search;
  }
  set search(value: unknown) {
    this.#setQuery("search", value);
  }
  get hash(): string {
    return this.#parts.hash;
  }
  set hash(value: unknown) {
    this.#set("hash", value);
  }
  toString(): string {
    return this.#parts.href;
  }
  toJSON(): string {
    return this.#parts.href;
  }
}
