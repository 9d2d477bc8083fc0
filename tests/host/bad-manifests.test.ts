/** Which manifests and which code are refused at upload? Each names the field and the fix, and leaves nothing behind. */
import { beforeAll, describe, expect, it } from "vitest";
import { target } from "#target";
import { packPlugin } from "../support/bundle.ts";
import { audit, uploadBytes } from "./client.ts";
import { sketch, type PluginSketch } from "./plugins.ts";
import { everything } from "./stored.ts";

let before: Readonly<Record<string, unknown>>;

beforeAll(async () => {
  await target.reset();
  before = await everything();
});

const noop = "() => {}";
const bulkhead = (value: Record<string, unknown>, more: PluginSketch = {}): PluginSketch => ({
  ...more,
  manifest: { bulkhead: value },
});
const manifest = (value: Record<string, unknown>): PluginSketch => ({ manifest: value });
const settingsSchema = { token: { type: "secret", label: "Token" }, base: { type: "url", label: "Base" } };

/** What is wrong, the sketch, the field the problem must name, and the words of fault and fix. */
// prettier-ignore
const wrong: readonly (readonly [string, PluginSketch, string, RegExp])[] = [
  ["an id with capitals", manifest({ id: "Bad" }), "id", /lower-case letters/],
  ["an id that is a path", manifest({ id: "../bad" }), "id", /lower-case letters/],
  ["an id with a colon", manifest({ id: "a:b" }), "id", /lower-case letters/],
  ["an id of 65 characters", manifest({ id: "a".repeat(65) }), "id", /at most 64/],
  ["no id", manifest({ id: undefined }), "id", /expected string/],
  ["a version that is none", { version: "one" }, "version", /semantic version such as 1\.0\.0/],
  ["a version with two numbers", { version: "1.0" }, "version", /semantic version/],
  ["a name of ten thousand characters", manifest({ name: "x".repeat(10_000) }), "name", /128/],
  ["a name one character too long", manifest({ name: "x".repeat(129) }), "name", /128/],
  ["a description of ten thousand characters", manifest({ description: "x".repeat(10_000) }), "description", /1024/],
  ["a purpose of ten thousand characters", { capabilities: ["content:read"], manifest: { bulkhead: { purposes: { "content:read": "x".repeat(10_000) } } } }, "bulkhead.purposes.content:read", /300/],
  ["an unknown capability", { capabilities: ["root"] }, "capabilities[0]", /"root" is not a capability.*content:read/],
  ["a capability named like a prototype key", { capabilities: ["__proto__"] }, "capabilities[0]", /not a capability/],
  ["the network without hosts", { capabilities: ["network:request"] }, "allowedHosts", /needs at least one host/],
  ["hosts without the network", { hosts: ["api.shop.dev"] }, "allowedHosts", /network:request is not requested/],
  ["a host with a scheme", { capabilities: ["network:request"], hosts: ["https://api.shop.dev"] }, "allowedHosts[0]", /without scheme/],
  ["a host with a user", { capabilities: ["network:request"], hosts: ["u@api.shop.dev"] }, "allowedHosts[0]", /Expected a host/],
  ["a host with a port that is none", { capabilities: ["network:request"], hosts: ["api.shop.dev:70000"] }, "allowedHosts[0]", /Expected a host/],
  ["a secret over plain http", { manifest: { admin: { settingsSchema }, bulkhead: { secrets: { token: { hosts: ["http://api.shop.dev"] } } } } }, "bulkhead.secrets.token.hosts[0]", /over https alone/],
  ["a host that is everything", { capabilities: ["network:request"], hosts: ["*"] }, "allowedHosts[0]", /Expected a host/],
  ["a host that is a whole top-level domain", { capabilities: ["network:request"], hosts: ["*.dev"] }, "allowedHosts[0]", /./],
  ["a hook that needs an undeclared capability", { hooks: { "content:afterSave": noop } }, "hooks[0]", /needs the capability "content:read"\. Add it/],
  ["a filter that needs an undeclared capability", { hooks: { "content:beforeSave": noop } }, "hooks[0]", /needs the capability "content:write"/],
  ["a hook the code does not export", manifest({ hooks: ["cron"] }), "hooks[0]", /exports no function for it/],
  ["a route the code does not export", manifest({ routes: ["hi"] }), "routes[0]", /exports no function for it/],
  ["a hook the manifest does not declare", { hooks: { cron: noop }, manifest: { hooks: [] } }, "hooks", /does not declare it\. Add it to "hooks"/],
  ["a route the manifest does not declare", { routes: { hi: noop }, manifest: { routes: [] } }, "routes", /does not declare it\. Add it to "routes"/],
  ["a hook that does not exist", manifest({ hooks: ["content:explode"] }), "hooks[0]", /./],
  ["a hook that is no function", { hooks: { cron: `"now"` } }, "hooks[0]", /exports no function/],
  ["a route that is no function", { routes: { hi: `42` } }, "routes[0]", /exports no function/],
  ["a priority that is no number", { hooks: { cron: `{ handler() {}, priority: "first" }` } }, "backend.js#hooks.0.priority", /wrong shape/],
  ["a key this host does not know", bulkhead({ sudo: true }), "bulkhead", /sudo/],
  ["a bad cron expression", bulkhead({ schedules: [{ name: "a", cron: "soon" }] }, { hooks: { cron: noop } }), "bulkhead.schedules[0].cron", /not a schedule\. Expected five fields/],
  ["a cron expression with seconds", bulkhead({ schedules: [{ name: "a", cron: "* * * * * *" }] }, { hooks: { cron: noop } }), "bulkhead.schedules[0].cron", /five fields/],
  ["a time zone that is none", bulkhead({ schedules: [{ name: "a", cron: "0 6 * * *", timezone: "Moon/Sea" }] }, { hooks: { cron: noop } }), "bulkhead.schedules[0].cron", /time zone/],
  ["a schedule on a day that there is not", bulkhead({ schedules: [{ name: "a", cron: "0 6 31 2 *" }] }, { hooks: { cron: noop } }), "bulkhead.schedules[0].cron", /never comes/],
  ["runs beside each other", bulkhead({ schedules: [{ name: "a", cron: "0 6 * * *", overlap: "allow" }] }, { hooks: { cron: noop } }), "bulkhead.schedules[0].overlap", /"skip"\|"queue"/],
  ["making up for all that was missed", bulkhead({ schedules: [{ name: "a", cron: "0 6 * * *", catchUp: "all" }] }, { hooks: { cron: noop } }), "bulkhead.schedules[0].catchUp", /"one"\|"none"/],
  ["six retries", bulkhead({ schedules: [{ name: "a", cron: "0 6 * * *", retries: { max: 6 } }] }, { hooks: { cron: noop } }), "bulkhead.schedules[0].retries.max", /5/],
  ["fewer retries than none", bulkhead({ schedules: [{ name: "a", cron: "0 6 * * *", retries: { max: -1 } }] }, { hooks: { cron: noop } }), "bulkhead.schedules[0].retries.max", /0/],
  ["half a retry", bulkhead({ schedules: [{ name: "a", cron: "0 6 * * *", retries: { max: 0.5 } }] }, { hooks: { cron: noop } }), "bulkhead.schedules[0].retries.max", /int/],
  ["retries without a number", bulkhead({ schedules: [{ name: "a", cron: "0 6 * * *", retries: {} }] }, { hooks: { cron: noop } }), "bulkhead.schedules[0].retries.max", /number/],
  ["a second of jitter too much", bulkhead({ schedules: [{ name: "a", cron: "0 6 * * *", jitter: 1_801 }] }, { hooks: { cron: noop } }), "bulkhead.schedules[0].jitter", /1800/],
  ["negative jitter", bulkhead({ schedules: [{ name: "a", cron: "0 6 * * *", jitter: -1 }] }, { hooks: { cron: noop } }), "bulkhead.schedules[0].jitter", /0/],
  ["two schedules of one name", bulkhead({ schedules: [{ name: "a", cron: "0 6 * * *" }, { name: "a", cron: "0 7 * * *" }] }, { hooks: { cron: noop } }), "bulkhead.schedules", /same name/],
  ["a schedule without the hook", bulkhead({ schedules: [{ name: "a", cron: "0 6 * * *" }] }), "bulkhead.schedules", /need the hook "cron"/],
  ["an API version of the future", bulkhead({ apiVersion: "^2" }), "bulkhead.apiVersion", /needs \^2; this host has 1\.0\.0/],
  ["an API version that is a word", bulkhead({ apiVersion: "latest" }), "bulkhead.apiVersion", /Expected a range/],
  ["a secret that is no setting", bulkhead({ secrets: { token: { hosts: ["api.shop.dev"] } } }), "bulkhead.secrets.token", /of type "secret"/],
  ["a secret for every host", { manifest: { admin: { settingsSchema }, bulkhead: { secrets: { token: { hosts: ["*"] } } } } }, "bulkhead.secrets.token.hosts[0]", /./],
  ["a host from a setting that is not there", bulkhead({ network: { hostsFromSettings: ["base"] } }, { capabilities: ["network:request"] }), "bulkhead.network.hostsFromSettings[0]", /not in admin\.settingsSchema/],
  ["a required setting that is not there", bulkhead({ requiredSettings: [{ key: "base" }] }), "bulkhead.requiredSettings[0]", /not in admin\.settingsSchema/],
  ["a setting of an unknown type", manifest({ admin: { settingsSchema: { a: { type: "password", label: "A" } } } }), "admin.settingsSchema.a.type", /./],
  ["a setting key with a colon", manifest({ admin: { settingsSchema: { "a:b": { type: "string", label: "A" } } } }), "admin.settingsSchema.a:b", /letters, digits/],
  ["a collection with capitals", manifest({ storage: { Items: { indexes: [] } } }), "storage.Items", /lower-case/],
  ["an admin page without its route", manifest({ admin: { pages: [{ path: "/", label: "Home" }] } }), "admin.pages", /need the route "admin"/],
  ["code that is no JavaScript", { top: "this is not code" }, "backend.js", /could not be evaluated: SyntaxError/],
  ["code that throws at top level", { top: `throw new Error("not here")` }, "backend.js", /could not be evaluated: not here/],
  ["code that loops at top level", { top: `for (;;);` }, "backend.js", /could not be evaluated/],
  ["code that waits for ever at top level", { top: `await new Promise(() => {});` }, "backend.js", /could not be evaluated/],
  ["code that takes all memory at top level", { top: `const a = []; for (;;) a.push(new Uint8Array(1e6));` }, "backend.js", /could not be evaluated/],
  ["code that imports what is not there", { top: `import fs from "node:fs";` }, "backend.js", /could not be evaluated/],
  ["code that asks for something at top level", { top: `await fetch("https://evil.dev");` }, "backend.js", /could not be evaluated/],
];

describe("a bundle is refused, and nothing is stored, for", () => {
  it.each(wrong)("%s", async (_, plugin, path, words) => {
    const { status, body, headers } = await uploadBytes(await packPlugin(sketch("bad", plugin)));
    expect({ status, path: body["issues"]?.["0"]?.["path"] }, JSON.stringify(body)).toEqual({ status: 422, path });
    expect(String(body["detail"])).toMatch(words);
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(await everything()).toEqual(before);
  });

  it("every fault at once, so that an author fixes them in one go", async () => {
    const { body } = await uploadBytes(
      await packPlugin(sketch("bad", { version: "x", capabilities: ["root"], manifest: { id: "B" } })),
    );
    expect((body["issues"] as unknown as { path: string }[]).map(({ path }) => path)).toEqual([
      "id",
      "version",
      "capabilities[0]",
    ]);
  });

  it("nothing that its allowed neighbour has: the same with the fault mended is accepted", async () => {
    const mended: readonly PluginSketch[] = [
      { capabilities: ["content:read"], hooks: { "content:afterSave": noop } },
      { capabilities: ["content:read"], hooks: { "content:beforeSave": noop } },
      { capabilities: ["read:content"] },
      { capabilities: ["network:request"], hosts: ["*.shop.dev", "API.pay.dev"] },
      {
        capabilities: ["network:request"],
        hosts: ["api.shop.dev:8443", "http://*.plain.dev", "http://plain.dev:8080"],
      },
      bulkhead(
        { apiVersion: "^1", schedules: [{ name: "a", cron: "*/5 * * * *", timezone: "Europe/Berlin" }] },
        { hooks: { cron: noop } },
      ),
      {
        capabilities: ["network:request"],
        manifest: {
          admin: { settingsSchema },
          bulkhead: { network: { hostsFromSettings: ["base"] }, secrets: { token: { hosts: ["{setting:base}"] } } },
        },
      },
      { hooks: { "email:beforeSend": noop } },
    ];
    for (const plugin of mended) {
      const { status, body } = await uploadBytes(await packPlugin(sketch("good", plugin)));
      expect(status, JSON.stringify(body)).toBe(201);
    }
    expect(await audit()).toMatchObject({ ok: true, length: mended.length });
  });
});
