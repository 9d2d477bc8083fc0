/** What does a plugin learn of the people with an account? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BRIDGE_LIMITS } from "../../host/bridges/limits.ts";
import { install, rows } from "./client.ts";
import { bridge, probe } from "./plugins.ts";

beforeEach(async () => {
  await target.reset();
  await install(probe("reader", { capabilities: ["users:read"] }));
});

const addUser = (id: string, role: number, more: { readonly disabled?: number; readonly name?: string } = {}) =>
  rows(
    `INSERT INTO users (id, email, name, avatar_url, role, email_verified, data, created_at, disabled)
     VALUES (?, ?, ?, 'https://secret.shop.dev/a.png', ?, 1, '{"token":"secret"}', '2026-01-02 03:04:05', ?)`,
    id,
    `${id}@shop.dev`,
    more.name ?? null,
    role,
    more.disabled ?? 0,
  );
const user = (id: string, role: number, name: string | null = null) => ({
  id,
  email: `${id}@shop.dev`,
  name,
  role,
  createdAt: "2026-01-02T03:04:05.000Z",
});

describe("ctx.users", () => {
  it("answers five columns and no other, by id, by address in any case, and in lists", async () => {
    await addUser("ada", 50, { name: "Ada" });
    const ada = user("ada", 50, "Ada");
    expect(await bridge("reader", "users.get", "ada")).toEqual({ value: ada });
    expect(await bridge("reader", "users.getByEmail", "ADA@Shop.dev")).toEqual({ value: ada });
    expect(await bridge("reader", "users.list")).toEqual({ value: { items: [ada] } });
    for (const [op, key] of [
      ["users.get", "nobody"],
      ["users.get", "' OR 1=1 --"],
      ["users.getByEmail", "%@shop.dev"],
      ["users.getByEmail", "nobody@shop.dev"],
    ] as const) {
      expect({ op, key, ...(await bridge("reader", op, key)) }).toEqual({ op, key, value: null });
    }
  });

  it("knows nobody who is disabled", async () => {
    await addUser("gone", 50, { disabled: 1 });
    await addUser("here", 50);
    expect(await bridge("reader", "users.get", "gone")).toEqual({ value: null });
    expect(await bridge("reader", "users.getByEmail", "gone@shop.dev")).toEqual({ value: null });
    expect(await bridge("reader", "users.list", { role: 50 })).toEqual({ value: { items: [user("here", 50)] } });
  });

  it("lists by role, the latest first, page by page, at most a hundred at once", async () => {
    for (const [id, role] of [
      ["a", 10],
      ["b", 50],
      ["c", 10],
      ["d", 10],
    ] as const) {
      await addUser(id, role);
    }
    const list = async (options: unknown) => {
      const { value } = await bridge("reader", "users.list", options);
      const page = value as unknown as { items: { id: string }[]; nextCursor?: string };
      return [page.items.map(({ id }) => id).join(""), page.nextCursor];
    };
    expect(await list({})).toEqual(["dcba", undefined]);
    expect(await list({ role: 10, limit: 2 })).toEqual(["dc", "c"]);
    expect(await list({ role: 10, limit: 2, cursor: "c" })).toEqual(["a", undefined]);
    expect(await list({ role: 0 })).toEqual(["", undefined]);
    const { most } = BRIDGE_LIMITS.pageItems;
    await rows(
      `INSERT INTO users (id, email) WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 199)
       SELECT 'n' || i, 'n' || i FROM n`,
    );
    for (const limit of [most, most + 1]) {
      const [ids, next] = await list({ limit });
      expect([ids!.length / 4, next]).toEqual([most, "n100"]);
    }
  });
});
