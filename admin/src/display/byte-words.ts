/** How is a number of bytes put into words? */
import { text } from "../text.ts";

/** "812 bytes", "42.1 kB", "1.3 MB". */
export function byteSize(bytes: number): string {
  if (bytes < 1_000) return text.size.bytes(bytes);
  if (bytes < 1_000_000) return text.size.kilobytes((bytes / 1_000).toFixed(1));
  return text.size.megabytes((bytes / 1_000_000).toFixed(1));
}
