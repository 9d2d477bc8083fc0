/** What an author exports from a bundle: hooks and routes, in EmDash's format. Types only; they vanish when bundled. */
import type { ContentItem, MediaItem, PluginContext, PortableTextBlock, UserInfo } from "./context.ts";
import type { PAGE_SLOTS } from "./manifest-schema.ts";

/** A hook's handler with its options, or the bare handler. */
export type HookEntry<Event, Result> = HookHandler<Event, Result> | HookConfig<Event, Result>;
/** Called with the event and the plugin's powers. */
export type HookHandler<Event, Result> = (event: Event, ctx: PluginContext) => Result | Promise<Result>;
/** A hook's handler with its options. */
export interface HookConfig<Event, Result> {
  readonly handler: HookHandler<Event, Result>;
  /** Lower runs first. Default 100. */
  readonly priority?: number;
  /** Milliseconds the handler may wait for the host. Default 5000. */
  readonly timeout?: number;
  /** Ids of plugins whose handlers run before. */
  readonly dependencies?: readonly string[];
  /** What a throw does: `abort` (default) refuses the act, `continue` drops the contribution. */
  readonly errorPolicy?: "continue" | "abort";
  readonly exclusive?: boolean;
}

/** `content:beforeSave`. `content` holds the fields; on an update only those that change, and `id`. */
export interface ContentSaveEvent {
  readonly content: Record<string, unknown>;
  readonly collection: string;
  readonly isNew: boolean;
}
/** After a save, publish or unpublish: `content` is the stored item. */
export interface ContentChangeEvent {
  readonly content: ContentItem;
  readonly collection: string;
}
/** Around a deletion. */
export interface ContentDeleteEvent {
  readonly id: string;
  readonly collection: string;
  readonly permanent: boolean;
}
/** A media file was uploaded. */
export interface MediaUploadEvent {
  readonly media: MediaItem;
}
/** A schedule came due. */
export interface CronEvent {
  readonly name: string;
  readonly data?: Readonly<Record<string, unknown>>;
  /** ISO 8601: when the first try was due. All tries for one time say the same, so it tells which were done already. */
  readonly scheduledAt: string;
  /** Which try this is, from the second on. */
  readonly attempt?: number;
}
/** The public page that is being shown. */
export interface PublicPage {
  readonly kind: "content" | "list" | "custom";
  readonly path: string;
  readonly url: string;
  readonly title: string;
  readonly description: string | null;
  readonly locale: string;
  readonly image: string | null;
  readonly canonical: string;
  readonly pageType: "article" | "website";
  /** Only on content pages. */
  readonly content?: { readonly collection: string; readonly id: string; readonly slug: string };
  readonly seo?: {
    readonly ogTitle?: string | null;
    readonly ogDescription?: string | null;
    readonly ogImage?: string | null;
    readonly robots?: string | null;
  };
  readonly articleMeta?: { readonly publishedTime: string | null; readonly modifiedTime: string | null };
  readonly siteName: string;
}
/** What a `page:metadata` handler may add to the page's head. */
export type PageContribution =
  | { readonly kind: "meta"; readonly name: string; readonly content: string; readonly key?: string }
  | { readonly kind: "property"; readonly property: string; readonly content: string; readonly key?: string }
  | {
      readonly kind: "link";
      readonly rel: "canonical" | "alternate" | "author" | "license" | "nlweb" | "site.standard.document";
      readonly href: string;
      readonly hreflang?: string;
      readonly key?: string;
    }
  | { readonly kind: "jsonld"; readonly id?: string; readonly graph: unknown };

/**
 * A place on public pages: around the text of a post, around a list of posts, above the foot of every page.
 */
export type PageSlot = (typeof PAGE_SLOTS)[number];
/** A public page with the places of it that the plugin holds a grant for. */
export interface PageBlocksEvent {
  readonly page: PublicPage;
  readonly slots: readonly PageSlot[];
}
/**
 * What a `page:blocks` handler puts at a place: Portable Text as in posts, which the host sanitises and draws. At each
 * place at most 50 blocks that together have at most 20,000 characters as JSON; at most 10 of these from one plugin for
 * one page.
 */
export interface SlotBlocks {
  readonly slot: PageSlot;
  readonly blocks: readonly PortableTextBlock[];
}

/** A visit to one of the plugin's addresses. */
export interface PathRequestEvent {
  /** The path, lower case: one that `bulkhead.page.paths` names or stands for. */
  readonly path: string;
  /** The absolute address with its query. */
  readonly url: string;
  /** A name that stands there more than once has a list. */
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly method: "GET" | "HEAD";
}
/** What a text may be sent as; none of these runs in a browser. The host adds `; charset=utf-8`. */
export type PathContentType =
  | "text/plain"
  | "text/csv"
  | "text/markdown"
  | "text/xml"
  | "application/xml"
  | "application/rss+xml"
  | "application/atom+xml"
  | "application/json"
  | "application/feed+json"
  | "application/manifest+json";
/** A text, sent as it is. */
export interface PathText {
  readonly contentType: PathContentType;
  /** At most 2 MiB in UTF-8. */
  readonly body: string;
  /** 200, or 400 to 599. Default 200. */
  readonly status?: number;
  /** ISO 8601, e.g. `2026-11-01T12:00:00Z`. */
  readonly lastModified?: string;
  /** Seconds for which caches may keep it, at most 3,600. Without it they ask each time. */
  readonly maxAge?: number;
}
/** A page, drawn in the site's own layout. */
export interface PathPage {
  readonly page: {
    /** At most 300 characters. */
    readonly title: string;
    /** For the page's head and its first lines, at most 1,000 characters. */
    readonly description?: string;
    /** Portable Text as in posts, which the host sanitises. */
    readonly blocks: readonly PortableTextBlock[];
  };
}
/** Sends the visitor to another path of this site, for now (302). */
export interface PathRedirect {
  readonly redirect: string;
}
/** What a `page:request` handler answers; nothing means that there is no page here (404). */
export type PathAnswer = PathText | PathPage | PathRedirect;

/** The hooks an author may export. */
export interface PluginHooks {
  readonly "plugin:install"?: HookEntry<Record<string, never>, void>;
  readonly "plugin:activate"?: HookEntry<Record<string, never>, void>;
  readonly "plugin:deactivate"?: HookEntry<Record<string, never>, void>;
  readonly "plugin:uninstall"?: HookEntry<{ readonly deleteData: boolean }, void>;
  readonly "content:beforeSave"?: HookEntry<ContentSaveEvent, Record<string, unknown> | void>;
  readonly "content:afterSave"?: HookEntry<ContentChangeEvent & { readonly isNew: boolean }, void>;
  readonly "content:beforeDelete"?: HookEntry<ContentDeleteEvent, boolean | void>;
  readonly "content:afterDelete"?: HookEntry<ContentDeleteEvent, void>;
  readonly "content:afterPublish"?: HookEntry<ContentChangeEvent, void>;
  readonly "content:afterUnpublish"?: HookEntry<ContentChangeEvent, void>;
  readonly "media:afterUpload"?: HookEntry<MediaUploadEvent, void>;
  readonly cron?: HookEntry<CronEvent, void>;
  readonly "page:metadata"?: HookEntry<
    { readonly page: PublicPage },
    PageContribution | readonly PageContribution[] | null | void
  >;
  readonly "page:blocks"?: HookEntry<PageBlocksEvent, SlotBlocks | readonly SlotBlocks[] | null | void>;
  readonly "page:request"?: HookEntry<PathRequestEvent, PathAnswer | null | void>;
}

/** The request as a route's handler sees it: filtered headers, plain objects. */
export interface RouteContext<Input = unknown> {
  /** The JSON body of POST, PUT and PATCH, else the query as an object. */
  readonly input: Input;
  readonly request: {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  readonly requestMeta?: {
    readonly ip: string | null;
    readonly userAgent: string | null;
    readonly referer: string | null;
    readonly geo: {
      readonly country: string | null;
      readonly region: string | null;
      readonly city: string | null;
    } | null;
  };
  /** The caller of a private route. */
  readonly user?: UserInfo;
}
/** A route's handler. What it returns is sent as JSON. */
export type RouteHandler = (route: RouteContext, ctx: PluginContext) => unknown;
/** A route, public only where it says so. */
export type RouteEntry = RouteHandler | { readonly handler: RouteHandler; readonly public?: boolean };

/** The default export of a bundle. */
export interface SandboxedPlugin {
  readonly hooks?: PluginHooks;
  readonly routes?: Readonly<Record<string, RouteEntry>>;
}
