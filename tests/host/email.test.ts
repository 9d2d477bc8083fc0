/** Who may send mail, to whom, how much of it, and as whom? A provider's HTTP API is played; what it is sent is looked at. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { EMAIL_LIMITS } from "../../host/email/limits.ts";
import { PROVIDERS, type Internet } from "../support/target.ts";
import { callRoute, install, invocations, must, rows } from "./client.ts";
import { listen } from "./client-plugin.ts";
import { bridge, probe, sketch } from "./plugins.ts";
import { everything } from "./stored.ts";

beforeEach(() => target.reset());

const sender = (id = "sender") => probe(id, { capabilities: ["email:send"] });
const MAIL = { to: "ada@shop.dev", subject: "Hello", text: "Hi Ada" };
const send = (mail: unknown, id = "sender") => bridge(id, "email.send", mail);
const accepting: Internet = () => Response.json({ id: "1" });
const sentBodies = (seen: readonly { readonly body: string }[]) =>
  seen.map(({ body }) => JSON.parse(body) as Record<string, unknown>);

describe("a mail", () => {
  it("goes to the provider from the host's address, with the host's key", async () => {
    await install(sender());
    const seen = listen(accepting);
    expect(await send({ ...MAIL, to: ["ada@SHOP.dev", "bob+x@shop.dev", "ada@shop.dev"], html: "<p>Hi</p>" })).toEqual({
      value: null,
    });
    expect(sentBodies(seen)).toEqual([
      {
        from: "The Shop <news@shop.dev>",
        to: ["ada@shop.dev", "bob+x@shop.dev"],
        subject: "Hello",
        text: "Hi Ada",
        html: "<p>Hi</p>",
      },
    ]);
    expect(seen[0]).toMatchObject({ url: PROVIDERS.EMAIL_API_URL, method: "POST" });
    expect(seen[0]!.headers.get("authorization")).toBe(`Bearer ${PROVIDERS.EMAIL_API_KEY}`);
  });

  it("has sanitised HTML, and text without control characters", async () => {
    await install(sender());
    const seen = listen(accepting);
    const html = `<p onclick=x>Hi</p><script>x</script><a href="javascript:x">a</a><img src="http://t.dev/p.gif">`;
    await send({ ...MAIL, text: "a\u0000\u001bb\nc", html });
    expect(sentBodies(seen)).toMatchObject([{ text: "ab\nc", html: "<p>Hi</p><a>a</a>" }]);
  });

  it.each(["from", "replyTo", "headers", "cc", "bcc", "attachments", "sender"])("cannot say %s", async (name) => {
    await install(sender());
    const seen = listen(accepting);
    const { error } = await send({ ...MAIL, [name]: "evil@evil.dev" });
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringContaining(name) });
    expect(seen).toEqual([]);
  });

  it("is not sent without its grant, whatever else was granted", async () => {
    await install(probe("sender", { capabilities: ["users:read", "ai:generate", "hooks.email-transport:register"] }));
    const seen = listen(accepting);
    expect((await send(MAIL)).error?.message).toMatch(/^Missing capability: email:send\./);
    expect(seen).toEqual([]);
  });
});

describe("an address", () => {
  const long = (chars: number): string =>
    `${"a".repeat(64)}@${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(chars - 64 - 1 - 64 - 64 - 4)}.dev`;

  // prettier-ignore
  const good = [
    "a@b.co", "first.last+tag@sub.shop.dev", "o'neil@shop.dev", "x_y-z@xn--bcher-kva.dev", "1@2.dev", long(EMAIL_LIMITS.addressChars),
  ];
  it("that is one is taken", async () => {
    await install(sender());
    const seen = listen(accepting);
    for (const to of good) expect({ to, ...(await send({ ...MAIL, to })) }).toEqual({ to, value: null });
    expect(sentBodies(seen).flatMap(({ to }) => to)).toEqual(good);
  });

  // prettier-ignore
  const bad = [
    "", "ada", "@shop.dev", "ada@", "ada@shop", "a@b@shop.dev", "Ada <ada@shop.dev>", "<ada@shop.dev>", "ada@shop.dev, eve@evil.dev", "ada@shop.dev;eve@evil.dev",
    "ada@shop.dev\r\nBcc: eve@evil.dev", "ada@shop.dev\nBcc:eve@evil.dev", "ada@shop.dev\u2028Bcc: eve@evil.dev", "ada@shop.dev\u0085x", "ada@shop.dev%0d%0aBcc: x", "ada@shop.dev\u0000",
    '"ada\r\nBcc: x"@shop.dev', '"a b"@shop.dev', "ada(comment)@shop.dev", "ada @shop.dev", " ada@shop.dev", "ada@shop.dev ", "ada@ shop.dev", "ada\t@shop.dev",
    "ada@shop..dev", ".ada@shop.dev", "ada.@shop.dev", "a..b@shop.dev", "ada@-shop.dev", "ada@shop-.dev", "ada@shop.dev.", "ada@127.0.0.1", "ada@[127.0.0.1]", "ada@[IPv6:::1]",
    "ada@localhost", "ada@mail.local", "ada@x.internal", "\u0430da@shop.dev", "ada@sh\u043Ep.dev", "ada@shop\u3002dev", "ada\uff20shop.dev", "ada@shop.dev\u200b", "\u202eada@shop.dev",
    "mailto:ada@shop.dev", "ada@shop.dev?cc=eve@evil.dev", "ada%evil.dev@shop.dev", "evil.dev!ada@shop.dev", `${"a".repeat(65)}@shop.dev`, `ada@${"a".repeat(64)}.dev`, long(EMAIL_LIMITS.addressChars + 1),
  ];
  it("that could be read as another, or as two, is refused", async () => {
    await install(sender());
    const seen = listen(accepting);
    for (const to of bad) {
      for (const wrong of [to, ["bob@shop.dev", to]]) {
        const { error } = await send({ ...MAIL, to: wrong });
        expect({ to, error }).toMatchObject({ to, error: { code: "INVALID_ARGUMENT" } });
        expect(error!.message).toMatch(/argument 0\.to/);
        if (to.length > 4) expect(error!.message).not.toContain(to);
      }
    }
    expect(seen).toEqual([]);
  });
});

describe("a subject", () => {
  const good = ["Hello", "Grüße — 你好 👩‍👩‍👧 🇩🇪", "עברית", "a".repeat(EMAIL_LIMITS.subjectChars), "=?utf-8?q?x?="];
  it("of one line is taken", async () => {
    await install(sender());
    const seen = listen(accepting);
    for (const subject of good) expect(await send({ ...MAIL, subject })).toEqual({ value: null });
    expect(sentBodies(seen).map(({ subject }) => subject)).toEqual(good);
  });

  // prettier-ignore
  const bad = [
    "", "   ", "a\r\nBcc: eve@evil.dev", "a\nb", "a\rb", "a\u0000b", "a\u0085b", "a\u2028b", "a\u2029b", "a\u000bb", "a\u007fb", "a\tb", "a\u202eb", "a\u2066b", "a\u200fb", "a\ud800b",
    "a".repeat(EMAIL_LIMITS.subjectChars + 1),
  ];
  it("that is more than one, or turns what follows, is refused", async () => {
    await install(sender());
    const seen = listen(accepting);
    for (const subject of bad) {
      const { error } = await send({ ...MAIL, subject });
      expect({ subject, error }).toMatchObject({ subject, error: { code: "INVALID_ARGUMENT" } });
      expect(error!.message).toMatch(/argument 0\.subject/);
    }
    expect(seen).toEqual([]);
  });
});

describe("sizes", () => {
  it.each([
    ["text", { text: "a".repeat(EMAIL_LIMITS.textChars) }, { text: "a".repeat(EMAIL_LIMITS.textChars + 1) }],
    ["html", { html: "a".repeat(EMAIL_LIMITS.htmlChars) }, { html: "a".repeat(EMAIL_LIMITS.htmlChars + 1) }],
    [
      "to",
      { to: Array.from({ length: EMAIL_LIMITS.recipientsPerCall }, (_, i) => `u${i}@shop.dev`) },
      { to: Array.from({ length: EMAIL_LIMITS.recipientsPerCall + 1 }, (_, i) => `u${i}@shop.dev`) },
    ],
  ])("of %s are taken up to the limit, and not one more", async (name, most, over) => {
    await install(sender());
    const seen = listen(accepting);
    expect(await send({ ...MAIL, ...most })).toEqual({ value: null });
    expect((await send({ ...MAIL, ...over })).error).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining(name),
    });
    expect(seen).toHaveLength(1);
  });
});

describe("a day", () => {
  const used = (id: string, recipients: number, day = new Date()) =>
    target.env.DB.prepare("INSERT INTO _host_email_usage (day, plugin_id, recipients) VALUES (?, ?, ?)")
      .bind(day.toISOString().slice(0, 10), id, recipients)
      .run();

  it("has as many recipients as a plugin may have, and names when it renews", async () => {
    await install(sender());
    await install(sender("other"));
    await used("sender", EMAIL_LIMITS.recipientsPerDay - 2);
    const seen = listen(accepting);
    expect((await send({ ...MAIL, to: ["a@b.co", "b@b.co", "c@b.co"] })).error).toEqual({
      name: "BridgeError",
      code: "BUDGET_EXCEEDED",
      message: expect.stringMatching(
        /^Cannot call ctx\.email\.send: a plugin's mails may have 200 recipients a day, and 2 are left\. The budget renews at \d{4}-\d\d-\d\dT00:00:00\.000Z\.$/,
      ),
    });
    expect(await send({ ...MAIL, to: ["a@b.co", "b@b.co"] })).toEqual({ value: null });
    expect((await send(MAIL)).error?.code).toBe("BUDGET_EXCEEDED");
    expect(await send(MAIL, "other")).toEqual({ value: null });
    expect(seen).toHaveLength(2);
  });

  it("has as many as all plugins together may have", async () => {
    await install(sender());
    for (let i = 0; i < 5; i++) await used(`past-${i}`, EMAIL_LIMITS.recipientsPerDayOfAll / 5 - (i === 0 ? 1 : 0));
    const seen = listen(accepting);
    expect(await send(MAIL)).toEqual({ value: null });
    expect((await send(MAIL)).error).toMatchObject({
      code: "BUDGET_EXCEEDED",
      message: expect.stringMatching(/all plugins' mails together may have 1000 recipients a day, and 0 are left/),
    });
    expect(seen).toHaveLength(1);
  });

  it("before does not count", async () => {
    await install(sender());
    await used("sender", EMAIL_LIMITS.recipientsPerDay, new Date(Date.now() - 86_400_000));
    listen(accepting);
    expect(await send(MAIL)).toEqual({ value: null });
  });

  it("is not exceeded by mails that are sent at once", async () => {
    await install(sender());
    await used("sender", EMAIL_LIMITS.recipientsPerDay - 5);
    const seen = listen(accepting);
    const ends = await Promise.all(Array.from({ length: 20 }, (_, i) => send({ ...MAIL, to: `u${i}@b.co` })));
    expect(ends.filter(({ error }) => error === undefined)).toHaveLength(5);
    expect(seen).toHaveLength(5);
    expect(await rows("SELECT recipients FROM _host_email_usage")).toEqual([
      { recipients: EMAIL_LIMITS.recipientsPerDay },
    ]);
  });

  it("counts mails that did not arrive, and none that were refused before", async () => {
    await install(sender());
    target.internet(() => new Response("no", { status: 422 }));
    expect((await send(MAIL)).error?.code).toBe("FAILED");
    await send({ ...MAIL, to: "nobody" });
    expect(await rows("SELECT recipients FROM _host_email_usage")).toEqual([{ recipients: 1 }]);
  });
});

describe("a provider that fails", () => {
  const failing: readonly (readonly [string, Internet])[] = [
    [
      "refuses",
      () => Response.json({ message: `ada@shop.dev is blocked; key ${PROVIDERS.EMAIL_API_KEY}` }, { status: 403 }),
    ],
    ["is broken", () => new Response("x".repeat(5_000_000), { status: 500 })],
    [
      "is not there",
      () => {
        throw new TypeError("getaddrinfo mail.provider.dev");
      },
    ],
  ];
  it.each(failing)("because it %s is one typed error that tells nothing of it", async (_, answer) => {
    await install(sender());
    target.internet(answer);
    expect((await send(MAIL)).error).toEqual({
      name: "BridgeError",
      code: "FAILED",
      message: "The mail was not sent: the host's provider did not take it. Try again later.",
    });
  });

  it("because it is a redirect is not followed: the key stays where it was meant for", async () => {
    await install(sender());
    const seen = listen(() => new Response(null, { status: 307, headers: { location: "https://evil.dev/" } }));
    expect((await send(MAIL)).error?.code).toBe("FAILED");
    expect(seen.map(({ url }) => url)).toEqual([PROVIDERS.EMAIL_API_URL]);
  });
});

describe("nothing of a mail", () => {
  it("is kept anywhere, whether it was sent, refused or failed", async () => {
    await install(
      sketch("sender", {
        capabilities: ["email:send"],
        routes: { mail: `async ({ input }, ctx) => { await ctx.email.send(input); return "sent"; }` },
      }),
    );
    const SECRET = { to: "very.private@shop.dev", subject: "Private subject", text: "Private text" };
    for (const [answer, input, ends] of [
      [accepting, SECRET, 200],
      [() => new Response(`very.private@shop.dev refused`, { status: 500 }), SECRET, 422],
      [accepting, { ...SECRET, to: "very.private" }, 422],
      [accepting, { ...SECRET, subject: "Private\nsubject" }, 422],
    ] as const) {
      target.internet(answer);
      expect((await callRoute("sender", "mail", input)).status).toBe(ends);
    }
    await invocations("sender", 4);
    const stored = JSON.stringify([await everything(), await must("GET", "/api/admin/plugins/sender/logs")]);
    expect(stored).not.toMatch(/very\.private|Private/);
  });
});

describe("ctx.email", () => {
  it("is there for plugins that ask whether it is", async () => {
    await install(sketch("asks", { routes: { has: `(_, ctx) => typeof ctx.email?.send` } }));
    expect((await callRoute("asks", "has")).body["data"]).toBe("function");
  });
});
