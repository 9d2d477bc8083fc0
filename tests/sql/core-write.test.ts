/** Does a grant to write one of the host's tables stay a grant to write, and tell nothing of what is in it? */
import { describe, expect, it } from "vitest";
import { judged, verdict } from "./judged.ts";

describe("a write to a core table tells nothing", () => {
  it.each([
    // What comes back.
    "UPDATE ec_posts SET title = 1 RETURNING secret",
    "UPDATE ec_posts SET title = 1 RETURNING *",
    "DELETE FROM ec_posts WHERE id = 1 RETURNING secret",
    "INSERT INTO _emdash_seo(id) VALUES (1) ON CONFLICT(id) DO UPDATE SET title = 1 RETURNING secret",
    // A column copied into one that may be read.
    "UPDATE ec_posts SET title = secret",
    "UPDATE ec_posts SET title = ec_posts.secret",
    "UPDATE ec_posts AS p SET title = p.secret",
    "UPDATE ec_posts AS p SET title = ec_posts.secret",
    'UPDATE ec_posts SET title = "secret"',
    "UPDATE ec_posts SET title = title || secret",
    "UPDATE ec_posts SET (title, secret) = (secret, title)",
    "UPDATE ec_posts SET title = (SELECT secret)",
    "UPDATE ec_posts SET title = (SELECT secret FROM items)",
    "UPDATE ec_posts SET title = (SELECT group_concat(ec_posts.secret) FROM items)",
    "UPDATE ec_posts SET title = (SELECT title FROM items)",
    "UPDATE ec_posts SET title = CASE WHEN secret LIKE 'a%' THEN 1 ELSE 2 END",
    "INSERT INTO _emdash_seo(id) VALUES (1) ON CONFLICT(id) DO UPDATE SET title = secret",
    "INSERT INTO _emdash_seo(id) VALUES (1) ON CONFLICT(id) DO UPDATE SET title = _emdash_seo.secret",
    "INSERT INTO _emdash_seo(id) VALUES (1) ON CONFLICT(id) DO NOTHING ON CONFLICT DO UPDATE SET title = secret",
    // A condition that tells by how many rows it changes.
    "UPDATE ec_posts SET title = title WHERE secret LIKE 'a%'",
    "UPDATE ec_posts SET title = 1 WHERE secret > 'a'",
    "UPDATE ec_posts SET title = 1 WHERE secret <> k",
    "UPDATE ec_posts SET title = 1 WHERE substr(secret, 1, 1) = 'a'",
    "UPDATE ec_posts SET title = 1 WHERE secret BETWEEN 'a' AND 'b'",
    "UPDATE ec_posts SET title = 1 WHERE 'a' < secret",
    "UPDATE ec_posts SET title = 1 WHERE id = 1 AND NOT (secret GLOB 'a*')",
    "UPDATE ec_posts SET title = 1 WHERE id = id + length(secret) - 7",
    "UPDATE ec_posts SET title = 1 WHERE id = 1 AND (SELECT secret LIKE 'a%')",
    "UPDATE ec_posts SET title = 1 WHERE id IN (SELECT i.id FROM items i WHERE secret LIKE i.k)",
    "UPDATE ec_posts SET title = 1 WHERE id IN (SELECT i.id FROM items i WHERE ec_posts.secret LIKE i.k)",
    "UPDATE ec_posts SET title = 1 WHERE EXISTS (SELECT 1 FROM items i WHERE i.k < ec_posts.secret)",
    "UPDATE ec_posts SET title = 1 FROM items i WHERE i.id = ec_posts.id AND ec_posts.secret LIKE i.k",
    "UPDATE ec_posts SET title = 1 FROM items i JOIN log l ON l.id = ec_posts.id AND secret > l.k WHERE i.id = 1",
    "UPDATE ec_posts SET title = 1 WHERE (id, secret) > (1, 'a')",
    "UPDATE ec_posts SET title = 1 WHERE secret MATCH 'a'",
    "UPDATE ec_posts SET title = 1 WHERE CASE id WHEN 1 THEN secret ELSE 0 END",
    "UPDATE ec_posts SET title = 1 WHERE secret",
    "DELETE FROM ec_posts WHERE secret LIKE 'a%'",
    "INSERT INTO _emdash_seo(id) VALUES (1) ON CONFLICT(id) DO UPDATE SET title = 1 WHERE secret LIKE 'a%'",
    "INSERT INTO _emdash_seo(id) VALUES (1) ON CONFLICT(id) WHERE secret > 'a' DO NOTHING",
  ])("%s", (sql) => {
    expect(verdict(sql)).toBe("core-write");
  });

  it("also where the table may be read: its SELECT shows less than a write sees", () => {
    expect(judged("SELECT secret FROM ec_posts")).not.toContain("SELECT secret FROM ec_posts");
    expect(judged("INSERT INTO items(k) SELECT title FROM ec_posts")).toContain("WHERE status = 'published')");
    expect(judged("UPDATE ec_posts SET title = 1 WHERE id IN (SELECT p.id FROM ec_posts p)")).toBe(
      'UPDATE main."ec_posts" AS "ec_posts" SET title = 1 WHERE id IN ' +
        "(SELECT p.id FROM (SELECT id, k, v, title FROM ec_posts WHERE status = 'published') p)",
    );
  });
});

describe("what writing takes is allowed", () => {
  it.each([
    "UPDATE ec_posts SET title = ? WHERE id = ?",
    "UPDATE ec_posts SET title = ?, k = lower(?) WHERE k = ? AND status IS NULL",
    "UPDATE ec_posts AS p SET title = 'x' WHERE p.id IN (1, 2, ?) OR NOT (p.k IS 'x')",
    "UPDATE ec_posts SET v = v + 1 WHERE ? = id",
    "UPDATE ec_posts SET title = title || '!' WHERE main.ec_posts.id = 1",
    "UPDATE ec_posts SET title = (SELECT i.title FROM items i WHERE i.k = ?) WHERE id = 1",
    "UPDATE ec_posts SET title = i.title FROM items i WHERE i.id = ec_posts.id AND i.k LIKE 'a%'",
    "UPDATE ec_posts SET title = 1 WHERE id IN (SELECT i.id FROM items i WHERE i.v > 3)",
    "DELETE FROM _emdash_seo WHERE id = ? AND title IS NOT NULL",
    "DELETE FROM _emdash_seo",
    "DELETE FROM _emdash_seo WHERE id <> 'x' OR id IS NOT ?",
    "INSERT INTO _emdash_seo(id, title) VALUES (?, ?)",
    "INSERT INTO _emdash_seo(id, title) VALUES (?, ?) RETURNING id",
    "INSERT INTO _emdash_seo(id, title) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING *",
    "INSERT INTO _emdash_seo(id, title) SELECT id, title FROM items WHERE k > 'a' ORDER BY v",
    "INSERT INTO _emdash_seo(id, title) VALUES (?, ?) ON CONFLICT(id) DO UPDATE SET title = excluded.title WHERE id = ?",
    "REPLACE INTO _emdash_seo(id, title) VALUES (?, ?)",
  ])("%s", (sql) => {
    expect(verdict(sql)).toBe("passes");
  });

  it("and own tables have none of these rules", () => {
    expect(verdict("UPDATE items SET title = v WHERE k LIKE 'a%' RETURNING *")).toBe("passes");
  });
});

it("says which column and what to do", () => {
  expect(judged("UPDATE ec_posts SET title = secret")).toMatch(
    /^core-write: .*column 29\): "secret" may be a column of the table that is written, copied into another\. Set it to a value/,
  );
  expect(judged("DELETE FROM ec_posts WHERE k > 1")).toMatch(
    /compared in a way that tells.*Find rows by column = value/,
  );
});
