/** The plugin of the traces' tests: its routes fail in the other file, each in another way. */
import { toSlug } from "./slug.ts";

function toAddress(title: string | null): string {
  try {
    return `/posts/${toSlug(title)}`;
  } catch (cause) {
    throw new RangeError("This post has no address", { cause });
  }
}

async function later(title: string | null): Promise<string> {
  await Promise.resolve();
  return toSlug(title);
}

export default {
  routes: {
    fall: (): string => toSlug(null),
    wrap: (): string => toAddress(null),
    later: (): Promise<string> => later(null),
  },
};
