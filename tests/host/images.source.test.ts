/**
 * Where do plugins' images come from, and what if they are harmed? They are made ahead, kept in every place there is, and
 * one that this host did not write is made anew. Each worker made here is an isolate that has seen nothing yet.
 */
import { createExecutionContext, createScheduledController, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import type { Services } from "../../host/services.ts";
import { createCacheImages } from "../../host/store/cache/images.ts";
import { createImages, type ImagePlace } from "../../host/store/images.ts";
import { createKvImages } from "../../host/store/kv/images.ts";
import { createR2Images } from "../../host/store/r2/images.ts";
import { createWorker } from "../../host/worker.ts";
import { ORIGIN } from "../support/target.ts";
import { consent, install, must, upload } from "./client.ts";
import { sketch, type PluginSketch } from "./plugins.ts";

beforeEach(() => target.reset());

type Bindings = Cloudflare.Env;
type Bytes = Uint8Array<ArrayBuffer>;

/** The cache of the machine outlives `reset`; plugins of another name have other images. */
let count = 0;
const unique = () => `imaged-${Date.now().toString(36)}-${count++}`;
/** Some code, so that an image holds more than the prelude. */
const PADDING = Array.from({ length: 600 }, (_, i) => `function f${i}(a, b) { return a * ${i} + b - ${i}; }`).join(
  "\n",
);
const imaged = (id: string, more: PluginSketch = {}) =>
  sketch(id, { top: `${PADDING}\nlet made = f7(1, 2);`, routes: { hi: `() => "${id} " + made++` }, ...more });

const stored = async () => (await env.BUNDLES.list({ prefix: "images/" })).objects.map(({ key }) => key.slice(7));
const near = async () => (await env.CACHE.list({ prefix: "images:" })).keys.map(({ name }) => name.slice(7));
const readStored = async (key: string) => new Uint8Array(await (await env.BUNDLES.get(`images/${key}`))!.arrayBuffer());
/** Puts bytes at every place an image is looked for. */
async function putEverywhere(key: string, bytes: Bytes): Promise<void> {
  await env.BUNDLES.put(`images/${key}`, bytes);
  await env.CACHE.put(`images:${key}`, bytes);
  await caches.default.delete(`https://images.invalid/${key}`);
}
async function forget(key: string): Promise<void> {
  await env.BUNDLES.delete(`images/${key}`);
  await env.CACHE.delete(`images:${key}`);
  await caches.default.delete(`https://images.invalid/${key}`);
}

interface Isolate {
  readonly call: (id: string) => Promise<{ readonly status: number; readonly text: string }>;
  readonly tick: () => Promise<void>;
  /** Keys it wrote. */
  readonly puts: string[];
  readonly warnings: string[];
}

/** A Worker that has seen nothing yet, over the bindings' places or others. */
function boot(
  places: readonly ImagePlace[] = [createKvImages(env.CACHE), createR2Images(env.BUNDLES)],
  { plan = "paid", now = Date.now }: { readonly plan?: string; readonly now?: () => number } = {},
): Isolate {
  const puts: string[] = [];
  const warnings: string[] = [];
  const log: Services["log"] = (level, message) => {
    if (level === "warn") warnings.push(message);
  };
  const images = createImages({ places, log });
  const put = async (key: string, bytes: Bytes): Promise<void> => {
    puts.push(key);
    await images.put(key, bytes);
  };
  const worker = createWorker<Bindings>(() => ({ log, images: { ...images, put }, now: () => new Date(now()) }));
  const bindings = { ...env, PLAN: plan } as Bindings;
  return {
    puts,
    warnings,
    async call(id) {
      const context = createExecutionContext();
      const request = new Request(`${ORIGIN}/api/plugins/${id}/hi`, {
        headers: { authorization: `Bearer ${env.BOOTSTRAP_TOKEN}` },
      }) as Request<unknown, IncomingRequestCfProperties>;
      const response = await worker.fetch!(request, bindings, context);
      await waitOnExecutionContext(context);
      return { status: response.status, text: await response.text() };
    },
    async tick() {
      const context = createExecutionContext();
      await worker.scheduled!(createScheduledController(), bindings, context);
      await waitOnExecutionContext(context);
    },
  };
}

const fine = (id: string) => ({ status: 200, text: JSON.stringify({ success: true, data: `${id} 2` }) });

describe("an image", () => {
  it("is there before the first visitor: after consent, in every place, and other isolates start from it", async () => {
    const id = unique();
    await install(imaged(id));
    const [key, ...others] = await stored();
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(others).toEqual([]);
    expect(await near()).toEqual([key]);
    const other = boot();
    expect(await other.call(id)).toEqual(fine(id));
    // Every visitor finds the first state.
    expect(await other.call(id)).toEqual(fine(id));
    expect(other.puts).toEqual([]);
  });

  it("of an update is made when it goes live, and of a disabled plugin when it is enabled", async () => {
    const id = unique();
    await install(imaged(id), { enable: false });
    expect(await stored()).toEqual([]);
    await must("POST", `/api/admin/plugins/${id}/enable`);
    expect(await stored()).toHaveLength(1);
    expect((await consent(await upload(imaged(id, { version: "1.1.0" })))).status).toBe(200);
    expect(await stored()).toHaveLength(2);
  });

  it("with one flipped byte anywhere is not loaded: the plugin answers, and the copy is replaced", async () => {
    const id = unique();
    await install(imaged(id));
    const [key] = (await stored()) as [string];
    const good = await readStored(key);
    for (const at of [0, 31, 32, 40, Math.floor(good.length / 2), good.length - 1]) {
      const bad = good.slice();
      bad[at]! ^= 1;
      await putEverywhere(key, bad);
      const isolate = boot();
      expect(await isolate.call(id)).toEqual(fine(id));
      expect(isolate.puts).toEqual([key]);
      expect(await readStored(key)).not.toEqual(bad);
      const next = boot();
      expect(await next.call(id)).toEqual(fine(id));
      expect(next.puts).toEqual([]);
    }
    await putEverywhere(key, good.slice(0, good.length - 1));
    expect(await boot().call(id)).toEqual(fine(id));
    await putEverywhere(key, new Uint8Array(0));
    expect(await boot().call(id)).toEqual(fine(id));
  });

  it("of another plugin is not loaded either: two that were swapped both answer as themselves", async () => {
    const [a, b] = [unique(), unique()];
    await install(imaged(a));
    const [keyA] = (await stored()) as [string];
    await install(imaged(b));
    const keyB = (await stored()).find((key) => key !== keyA)!;
    const [imageA, imageB] = [await readStored(keyA), await readStored(keyB)];
    await putEverywhere(keyA, imageB);
    await putEverywhere(keyB, imageA);
    const isolate = boot();
    expect(await isolate.call(a)).toEqual(fine(a));
    expect(await isolate.call(b)).toEqual(fine(b));
    expect(isolate.puts.toSorted()).toEqual([keyA, keyB].toSorted());
    const next = boot();
    expect([await next.call(a), await next.call(b)]).toEqual([fine(a), fine(b)]);
    expect(next.puts).toEqual([]);
  });

  it("is kept in KV alone where there is no bucket", async () => {
    const id = unique();
    await install(imaged(id));
    const [key] = (await stored()) as [string];
    await env.BUNDLES.delete(`images/${key}`);
    const isolate = boot([createKvImages(env.CACHE)]);
    expect(await isolate.call(id)).toEqual(fine(id));
    expect(isolate.puts).toEqual([]);
    expect(await stored()).toEqual([]);
  });

  it("is looked for in the data centre's cache first, then in KV, then in the bucket", async () => {
    const id = unique();
    await install(imaged(id));
    const [key] = (await stored()) as [string];
    const cached = createCacheImages(caches.default);
    const asked: string[] = [];
    const spied = (place: ImagePlace): ImagePlace => ({
      ...place,
      get: (wanted) => (asked.push(place.name), place.get(wanted)),
    });
    const all = [cached, createKvImages(env.CACHE), createR2Images(env.BUNDLES)].map(spied);
    // What consent stored is in all three.
    expect(await cached.get(key)).toEqual(await readStored(key));
    await env.BUNDLES.delete(`images/${key}`);
    await env.CACHE.delete(`images:${key}`);
    const isolate = boot(all);
    expect(await isolate.call(id)).toEqual(fine(id));
    expect([asked.splice(0), isolate.puts]).toEqual([["cache"], []]);
    await forget(key);
    expect(await boot(all).call(id)).toEqual(fine(id));
    expect(asked).toEqual(["cache", "KV", "R2"]);
    expect(await cached.get(key)).toEqual(await readStored(key));
  });

  it("of the largest memory is kept, so that it is evaluated once", async () => {
    const id = unique();
    await install(imaged(id, { top: `const all = new Uint8Array(12e6).fill(7);\nlet made = all[9] - 5;` }));
    const [key] = (await stored()) as [string];
    expect((await readStored(key)).length).toBeGreaterThan(12e6);
    const isolate = boot();
    expect(await isolate.call(id)).toEqual(fine(id));
    expect(isolate.puts).toEqual([]);
  });

  it("that is missing is made by the request that needs it, which pays for work out of the common", async () => {
    const [id, common] = [unique(), unique()];
    await install(imaged(id, { top: `let made = 2; for (let i = 0; i < 4e6; i++);` }));
    await install(imaged(common));
    for (const key of await stored()) await forget(key);
    const isolate = boot(undefined, { plan: "free" });
    expect((await isolate.call(id)).status).toBe(503);
    expect(await isolate.call(common)).toEqual(fine(common));
    expect(await stored()).toHaveLength(2);
    expect(await boot(undefined, { plan: "free" }).call(id)).toEqual(fine(id));
  });

  it("found only far away is brought near", async () => {
    const id = unique();
    await install(imaged(id));
    const [key] = (await stored()) as [string];
    await env.CACHE.delete(`images:${key}`);
    expect(await boot().call(id)).toEqual(fine(id));
    expect(await near()).toEqual([key]);
  });

  it("whose places all fail costs time and no request", async () => {
    const id = unique();
    await install(imaged(id));
    const broken: ImagePlace = {
      name: "broken",
      get: () => Promise.reject(new Error("down")),
      put: () => Promise.reject(new Error("down")),
    };
    const isolate = boot([broken, broken]);
    expect(await isolate.call(id)).toEqual(fine(id));
    expect(isolate.warnings).toEqual(["image not read", "image not read", "image not written", "image not written"]);
  });
});

describe("the clock", () => {
  it("makes images that are missing since the engine changed, a few at each tick, and looks once", async () => {
    const ids = Array.from({ length: 7 }, unique);
    for (const id of ids) await install(imaged(id));
    const keys = await stored();
    expect(keys).toHaveLength(7);
    for (const key of keys) await forget(key);
    const isolate = boot();
    await isolate.tick();
    expect(await stored()).toHaveLength(5);
    await isolate.tick();
    expect((await stored()).toSorted()).toEqual(keys.toSorted());
    await isolate.tick();
    expect(isolate.puts).toHaveLength(7);
    // What is missing is found, though each tick is the first of its isolate.
    for (const plan of ["paid", "free"]) {
      for (const key of keys) await forget(key);
      let minute = 0;
      while ((await stored()).length < 7 && minute < 40) {
        const at = Date.now() + minute * 60_000;
        await boot(undefined, { plan, now: () => at }).tick();
        minute += 1;
      }
      expect((await stored()).length).toBe(7);
    }
    // An isolate that finds them all makes none.
    const next = boot();
    await next.tick();
    expect(next.puts).toEqual([]);
  });
});
