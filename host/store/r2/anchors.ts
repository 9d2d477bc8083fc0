/**
 * Anchors in R2, one small object each: `audit/heads/<seq>.json`. The body is for people and for offline verification; the
 * hash also stands in the metadata, so that a list of a thousand is one call.
 */
import type { Anchor, AnchorStore } from "../anchors.ts";

const PREFIX = "audit/heads/";
const KEY = /^audit\/heads\/(\d{12})\.json$/;

/** An anchor store on the bucket `BUNDLES`. */
export function createR2Anchors(bucket: R2Bucket): AnchorStore {
  return {
    async put({ seq, hash }, at) {
      const key = `${PREFIX}${String(seq).padStart(12, "0")}.json`;
      // SECURITY: an anchor is never replaced, or a chain written anew would bring its own. (tests/host/audit.test.ts, "is never replaced")
      const written = await bucket.put(key, `${JSON.stringify({ seq, hash, at })}\n`, {
        onlyIf: { etagDoesNotMatch: "*" },
        customMetadata: { hash },
        httpMetadata: { contentType: "application/json" },
      });
      if (written) return hash;
      return (await bucket.head(key))?.customMetadata?.["hash"] ?? "";
    },
    async *list() {
      let cursor: string | undefined;
      do {
        const page = await bucket.list({
          prefix: PREFIX,
          include: ["customMetadata"],
          ...(cursor === undefined ? {} : { cursor }),
        });
        yield page.objects.flatMap((object) => toAnchor(object));
        cursor = page.truncated ? page.cursor : undefined;
      } while (cursor !== undefined);
    },
  };
}

function toAnchor({ key, customMetadata, uploaded }: R2Object): readonly Anchor[] {
  const seq = KEY.exec(key)?.[1];
  return seq === undefined
    ? []
    : [{ seq: Number(seq), hash: customMetadata?.["hash"] ?? "", at: uploaded.toISOString() }];
}
