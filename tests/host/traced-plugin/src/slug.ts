/** A title as a part of an address. */
export function toSlug(title: string | null): string {
  return splitWords(title).join("-");
}

function splitWords(title: string | null): readonly string[] {
  // The author did not think of posts without one.
  const words = title!.toLowerCase().split(" ");
  return words.filter((word) => word !== "");
}
