/** How old may what an isolate knows of the plugins be? As old as its question, however long the answer takes. */
import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { target } from "#target";
import { CMS } from "../../host/cms.ts";
import { createOffer } from "../../host/offer.ts";
import { createRegistry } from "../../host/registry/registry.ts";
import { createServices } from "../../host/services.ts";
import { eventually, install, must } from "./client.ts";
import { sketch } from "./plugins.ts";

beforeEach(() => target.reset());

/** A registry whose readings can be held up once the database has answered. */
function createSlowRegistry() {
  const slow = { hold: Promise.resolve(), batches: 0, now: Date.now() };
  const db = {
    prepare: (sql: string) => env.DB.prepare(sql),
    async batch(statements: D1PreparedStatement[]) {
      const { hold } = slow;
      const results = await env.DB.batch(statements);
      slow.batches += 1;
      await hold;
      return results;
    },
  } as D1Database;
  const world = createServices(env, { db, now: () => new Date(slow.now), log: () => {} });
  return { slow, registry: createRegistry({ ...world, offer: createOffer(CMS) }) };
}

it("a reading that was overtaken does not bring back what was disabled meanwhile", async () => {
  await install(sketch("one"));
  const { slow, registry } = createSlowRegistry();
  const held = Promise.withResolvers<void>();
  slow.hold = held.promise;
  const early = registry.current();
  await eventually(async () => expect(slow.batches).toBe(1));
  slow.hold = Promise.resolve();
  await must("POST", "/api/admin/plugins/one/disable");
  expect([...(await registry.current()).plugins.keys()]).toEqual([]);
  held.resolve();
  expect([...(await early).plugins.keys()]).toEqual([]);
  expect([...registry.latest().plugins.keys()]).toEqual([]);
});

it("a reading that took two seconds is not a second old", async () => {
  await install(sketch("one"));
  const { slow, registry } = createSlowRegistry();
  const held = Promise.withResolvers<void>();
  slow.hold = held.promise;
  const first = registry.current();
  await eventually(async () => expect(slow.batches).toBe(1));
  slow.now += 2_000;
  await must("POST", "/api/admin/plugins/one/disable");
  held.resolve();
  expect([...(await first).plugins.keys()]).toEqual(["one"]);
  expect([...(await registry.recent(1_000)).plugins.keys()]).toEqual([]);
});
