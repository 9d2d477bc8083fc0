/**
 * How does the audit leave the host? As lines of JSON, one row or anchor each, written while they are read. A row's
 * members stand in the order its hash is taken over, so that whoever reads the file needs nothing of the host.
 */
import type { Services } from "../services.ts";
import type { Anchors } from "./anchors.ts";
import { readAudit } from "../store/d1/audit.ts";

/** Rows read at once. */
const PAGE = 1_000;

/** Every row, oldest first. */
export function exportAudit({ db }: Pick<Services, "db">): ReadableStream<Uint8Array> {
  return toLines(readPages(db));
}

/** Every anchor, by rising number. */
export function exportAnchors(anchors: Anchors): ReadableStream<Uint8Array> {
  return toLines(anchors.list());
}

async function* readPages(db: D1Database): AsyncGenerator<readonly object[]> {
  let after: number | undefined;
  for (;;) {
    const rows = await readAudit(db, after, PAGE);
    // SECURITY: as it is stored, `detail` too; a row that was tampered with must not look better outside. (tests/production/audit.test.ts, "tells which row")
    yield rows.map(({ seq, at, actor, act, target, detail, hash }) => ({ seq, at, actor, act, target, detail, hash }));
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.seq;
  }
}

function toLines(pages: AsyncIterable<readonly object[]>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const reading = pages[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      for (;;) {
        const { done, value } = await reading.next();
        if (done) return controller.close();
        // A pull has to bring something, or nobody pulls again.
        if (value.length > 0) return controller.enqueue(encoder.encode(value.map(toLine).join("")));
      }
    },
    async cancel() {
      await reading.return?.();
    },
  });
}

function toLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
