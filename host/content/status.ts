/** What publishing and unpublishing do to an item's status. Pure: the writes follow the plan. */

/** EmDash's statuses. Rows of an existing database may carry others; those are treated like drafts. */
export type ContentStatus = "draft" | "published" | "scheduled" | "archived";

/** What has to be written. */
export type StatusPlan =
  | { readonly kind: "unchanged" }
  | { readonly kind: "publish"; readonly publishedAt: string }
  | { readonly kind: "unpublish" };

/**
 * The plan for publishing. A time of publication that is there already (of an imported or scheduled item) is kept.
 *
 * @param now ISO 8601.
 */
export function planPublish(
  item: { readonly status: string; readonly publishedAt: string | null },
  now: string,
): StatusPlan {
  if (item.status === "published") return { kind: "unchanged" };
  return { kind: "publish", publishedAt: item.publishedAt ?? now };
}

/** The plan for unpublishing: back to a draft, also from `scheduled`, which would become public by itself. */
export function planUnpublish(item: { readonly status: string }): StatusPlan {
  return item.status === "draft" ? { kind: "unchanged" } : { kind: "unpublish" };
}
