/** How does a secret get into a JSON body? At the pointers the manifest declares, and nowhere else in anything that is sent. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { install, must, upload } from "./client.ts";
import { bridge, probe } from "./plugins.ts";

beforeEach(() => target.reset());

const SECRET = 'sk-"live"/0123456789';
const HOST = "api.shop.dev";

const sender = (pointers: readonly string[], version = "1.0.0") =>
  probe("sender", {
    version,
    capabilities: ["network:request"],
    hosts: [HOST, "other.shop.dev"],
    manifest: {
      admin: { settingsSchema: { key: { type: "secret", label: "Key" } } },
      bulkhead: { secrets: { key: { hosts: [HOST], ...(pointers.length > 0 ? { pointers } : {}) } } },
    },
  });
async function live(pointers: readonly string[]): Promise<void> {
  await install(sender(pointers));
  await must("PUT", "/api/admin/plugins/sender/settings", { body: { values: { key: SECRET } } });
}
const post = (body: string, host = HOST) =>
  bridge("sender", "http.fetch", `https://${host}/`, { method: "POST", body });
/** What arrived, as text. */
function listen(answer: (request: Request) => Response = () => new Response("ok")): string[] {
  const arrived: string[] = [];
  target.internet(async (request) => {
    arrived.push(await request.clone().text());
    return answer(request);
  });
  return arrived;
}

describe("a placeholder in a JSON body", () => {
  it.each([
    [
      "/auth/key",
      `{"auth": {"key": "{{key}}"}, "n": 12345678901234567890, "x": 1.0}`,
      `{"auth": {"key": ${JSON.stringify(SECRET)}}, "n": 12345678901234567890, "x": 1.0}`,
    ],
    ["/list/1", `{"list":["{{key}}","{{key}}"]}`, `{"list":["{{key}}",${JSON.stringify(SECRET)}]}`],
    ["/a~1b/~0c", `{"a/b":{"~c":"{{key}}"}}`, `{"a/b":{"~c":${JSON.stringify(SECRET)}}}`],
    ["/0", `["{{key}}"]`, `[${JSON.stringify(SECRET)}]`],
    ["/0", `{"0":"\\u007b{key}}"}`, `{"0":"\\u007b{key}}"}`],
  ])("at %s is filled in, and the rest is as it was, to the byte", async (pointer, body, expected) => {
    await live([pointer]);
    const arrived = listen();
    expect(await post(body)).toMatchObject({ value: { status: 200 } });
    expect(arrived).toEqual([expected]);
  });

  it.each([
    ["where the string holds more", `{"key":"Bearer {{key}}"}`],
    ["at another place", `{"other":"{{key}}","deep":{"key":"{{key}}"}}`],
    ["in a name", `{"{{key}}":"key"}`],
    ["in a post", `{"text":"Write {{key}} to send your key.","key":"mine"}`],
    ["in what is no JSON", `{"key":"{{key}}",}`],
    ["with a comment", `{"key":"{{key}}"/* */}`],
    ["of another name", `{"key":"{{other}}"}`],
  ])("stays as it is %s", async (_, body) => {
    await live(["/key"]);
    const arrived = listen();
    expect(await post(body)).toMatchObject({ value: { status: 200 } });
    expect(arrived).toEqual([body]);
  });

  it("is never scanned for without a declared pointer", async () => {
    await live([]);
    const arrived = listen();
    await post(`{"key":"{{key}}"}`);
    expect(arrived).toEqual([`{"key":"{{key}}"}`]);
  });

  it("is refused for a granted host the secret is not declared for; nothing is sent", async () => {
    await live(["/key"]);
    const arrived = listen();
    expect((await post(`{"key":"{{key}}"}`, "other.shop.dev")).error?.message).toMatch(
      /^The secret "key" may not be sent to other\.shop\.dev/,
    );
    expect(arrived).toEqual([]);
  });

  it("comes back redacted where the server echoes it", async () => {
    await live(["/key"]);
    target.internet(async (request) => new Response(await request.text()));
    const { value } = await post(`{"key":"{{key}}"}`);
    expect(JSON.stringify(value)).not.toContain("live");
    expect(value).toMatchObject({ text: expect.stringContaining("[redacted]") });
  });

  it("does not follow a redirect to another origin; to the same it does", async () => {
    await live(["/key"]);
    const arrived = listen((request) =>
      new URL(request.url).pathname === "/"
        ? new Response(null, { status: 307, headers: { location: "https://other.shop.dev/next" } })
        : new Response("ok"),
    );
    expect((await post(`{"key":"{{key}}"}`)).error?.message).toMatch(/redirected to another origin/);
    expect(arrived).toHaveLength(1);
    const again = listen((request) =>
      new URL(request.url).pathname === "/"
        ? new Response(null, { status: 307, headers: { location: "/next" } })
        : new Response("ok"),
    );
    expect(await post(`{"key":"{{key}}"}`)).toMatchObject({ value: { status: 200 } });
    expect(again[1]).toContain("live");
  });

  it("of 256 KiB is filled in, of one byte more it is refused", async () => {
    await live(["/key"]);
    const arrived = listen();
    const body = (bytes: number) => {
      const start = `{"key":"{{key}}","x":"`;
      return `${start}${"x".repeat(bytes - start.length - 2)}"}`;
    };
    expect(await post(body(262_144))).toMatchObject({ value: { status: 200 } });
    expect(arrived[0]).toContain("live");
    expect((await post(body(262_145))).error?.message).toMatch(/at most 262144 bytes; this one has 262145/);
    expect(arrived).toHaveLength(1);
  });
});

describe("a pointer", () => {
  it("stands in the plan, and one that an update adds is a secret that reaches further", async () => {
    expect((await upload(sender(["/key"])))["secrets"]).toEqual([
      { key: "key", hosts: [HOST], pointers: ["/key"], readable: false },
    ]);
    await live(["/key"]);
    expect(await upload(sender(["/key"], "1.1.0"))).toMatchObject({ escalation: false });
    expect(await upload(sender(["/key", "/copy"], "1.2.0"))).toMatchObject({
      escalation: true,
      findings: [{ code: "not-signed" }, { level: "danger", code: "secret-reaches-further" }],
    });
  });
});
