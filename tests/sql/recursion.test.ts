/** Is nothing recursive but a counter that ends soon? */
import { expect, it } from "vitest";
import { SQL_LIMITS } from "../../host/sql/limits.ts";
import { judged, verdict } from "./judged.ts";

it.each([
  "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 10) SELECT n FROM c",
  "WITH c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 10) SELECT n FROM c",
  "WITH RECURSIVE c(n) AS (SELECT 0 UNION SELECT n + 7 FROM c WHERE n <= 700) SELECT n FROM c",
  "WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < 6), d AS (SELECT date('now', '-' || n || ' days') t FROM c) SELECT t FROM d",
])("a counter is allowed: %s", (sql) => {
  expect(verdict(sql)).toBe("passes");
});

it.each([
  // No end.
  "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c",
  "WITH c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c",
  "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 0 FROM c WHERE n < 10) SELECT n FROM c",
  "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n - 1 FROM c WHERE n < 10) SELECT n FROM c",
  "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 10 OR 1) SELECT n FROM c",
  "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n > 0) SELECT n FROM c",
  "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 0.1 FROM c WHERE n < 10) SELECT n FROM c",
  "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + ? FROM c WHERE n < 10) SELECT n FROM c",
  "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ?) SELECT n FROM c",
  "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 'x') SELECT n FROM c",
  "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1e9) SELECT n FROM c",
  "WITH RECURSIVE c(n) AS (SELECT ? UNION ALL SELECT n + 1 FROM c WHERE n < 10) SELECT n FROM c",
  // More rows than it seems.
  "WITH RECURSIVE c(n) AS (SELECT id FROM items UNION ALL SELECT n + 1 FROM c WHERE n < 10) SELECT n FROM c",
  "WITH RECURSIVE c(n) AS (VALUES (1), (2) UNION ALL SELECT n + 1 FROM c WHERE n < 10) SELECT n FROM c",
  "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c, items WHERE n < 10) SELECT n FROM c",
  "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 10 UNION ALL SELECT n + 1 FROM c WHERE n < 10) SELECT n FROM c",
  "WITH RECURSIVE c(n, s) AS (SELECT 1, 'x' UNION ALL SELECT n + 1, s || s FROM c WHERE n < 10) SELECT n FROM c",
  // Others.
  "WITH RECURSIVE c AS (SELECT * FROM c) SELECT * FROM c",
  "WITH RECURSIVE c AS (SELECT id FROM items) SELECT * FROM c",
  "WITH c AS (SELECT id FROM items WHERE id IN (SELECT id FROM c)) SELECT * FROM c",
  "WITH c AS (SELECT id FROM items WHERE id IN c) SELECT * FROM c",
])("anything else is refused: %s", (sql) => {
  expect(verdict(sql)).toMatch(/^(feature|join)$/);
});

it("a counter has so many rows and not one more", () => {
  const counter = (bound: number) =>
    `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n <= ${bound}) SELECT n FROM c`;
  // From 1 as long as it is at most the bound: one row more than the bound says.
  expect(verdict(counter(SQL_LIMITS.counterRows - 1))).toBe("passes");
  expect(judged(counter(SQL_LIMITS.counterRows))).toMatch(/^feature: .*"c" is recursive\. Only a counter may be/);
});
