/** How is a notice about a quota told? As a line in the plugin's own log, where its page shows it. */
import { encodeTime } from "ulidx";
import { sha256 } from "../crypto.ts";
import type { LogRow } from "../store/d1/invocations.ts";
import { describeExceeded, describeShare } from "./check-quota.ts";
import type { Notice } from "./quota-watch.ts";

/**
 * The line. Its id is made of what it says, so that isolates that notice the same write it once; it sorts as the newest of
 * its hour.
 */
export async function toNoticeLine({ plugin, hour, level, share }: Notice, at: string): Promise<LogRow> {
  const { of, window, used, limit } = share;
  const mark = (await sha256(`${plugin} ${of} ${level}`)).slice(0, 16).toUpperCase();
  const message =
    level === "exceeded"
      ? describeExceeded(share)
      : `Most of a quota is used: ${describeShare(share)}. What goes beyond it is refused.`;
  return {
    id: `${encodeTime(Date.parse(`${hour}:59:59.999Z`), 10)}${mark}`,
    plugin_id: plugin,
    invocation_id: null,
    at,
    level: "warn",
    message,
    data: JSON.stringify({ quota: of, ...(window === undefined ? {} : { window }), used, limit }),
  };
}
