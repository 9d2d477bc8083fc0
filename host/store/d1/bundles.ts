/** Bundles in D1, for installations without a bucket. In parts: a D1 row holds at most 2 MB. */
import type { BundleStore } from "../bundles.ts";

const PART_BYTES = 1_000_000;

/** A bundle store on the table `_host_bundles`. */
export function createD1Bundles(db: D1Database): BundleStore {
  /** No digest is written so. */
  const mapKeyOf = (digest: string): string => `map/${digest}`;

  function write(key: string, bytes: Uint8Array): readonly D1PreparedStatement[] {
    // The same files may come in another archive: its parts replace the old ones together or not at all.
    const statements = [db.prepare("DELETE FROM _host_bundles WHERE digest = ?").bind(key)];
    for (let part = 0; part * PART_BYTES < bytes.length; part++) {
      const slice = bytes.slice(part * PART_BYTES, (part + 1) * PART_BYTES);
      statements.push(
        db.prepare("INSERT INTO _host_bundles (digest, part, bytes) VALUES (?, ?, ?)").bind(key, part, slice.buffer),
      );
    }
    return statements;
  }

  async function read(key: string): Promise<Uint8Array | null> {
    const { results } = await db
      .prepare("SELECT bytes FROM _host_bundles WHERE digest = ? ORDER BY part")
      .bind(key)
      .all<{ bytes: ArrayBuffer }>();
    if (results.length === 0) return null;
    return new Uint8Array(await new Blob(results.map((row) => new Uint8Array(row.bytes))).arrayBuffer());
  }

  return {
    async put(digest, { archive, map }) {
      await db.batch([...write(digest, archive), ...(map ? write(mapKeyOf(digest), map) : [])]);
    },
    get: read,
    getMap: (digest) => read(mapKeyOf(digest)),
  };
}
