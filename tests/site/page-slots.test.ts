/** How are plugins' blocks drawn on a page, as much of them as may stand; and what of an answer to an address is logged? */
import { PAGE_SLOTS } from "@bulkhead/sdk";
import { beforeEach, describe, expect, it } from "vitest";
import { ok } from "../../host/result.ts";
import type { PlacedContribution } from "../../host/hooks/hooks.ts";
import { SITE_LIMITS } from "../../host/site/limits.ts";
import { parsePathAnswer } from "../../host/site/path-answer.ts";
import { checkSlotBlocks } from "../../host/site/slot-blocks.ts";
import { createTestHooks, createTestHost, EDITOR, paragraph, post, resetDatabase, type TestHost } from "./harness.ts";
import { findActive } from "./inspect.ts";

beforeEach(resetDatabase);

const granted: PlacedContribution["gate"] = { check: async () => ok(undefined), covers: async () => true };
const from = (plugin: string, value: unknown): PlacedContribution => ({ plugin, value, gate: granted });

async function show(
  ...blocks: readonly PlacedContribution[]
): Promise<{ readonly host: TestHost; readonly page: string }> {
  const host = createTestHost({ hooks: createTestHooks({ blocks }) });
  await host.content.create("posts", post("Page", { publish: true }), EDITOR);
  const page = await (await host.request("/posts/page", { role: "visitor" })).text();
  return { host, page };
}

describe("blocks at a place", () => {
  it("are drawn as in posts, inert, whatever they hold", async () => {
    const payload = `"><script>alert(1)</script><img src=x onerror=alert(1)>`;
    const { page, host } = await show(
      from("hostile", {
        slot: "post.after",
        blocks: [
          paragraph(payload),
          { _type: "code", code: payload, language: payload },
          { _type: "image", src: "javascript:alert(1)", alt: payload },
          { _type: "image", src: "https://ok.dev/x.png", alt: payload, caption: payload },
          { _type: "htmlBlock", html: payload },
          { ...paragraph("x"), markDefs: [{ _type: "link", _key: "l", href: "javascript:alert(1)" }], style: payload },
          { _type: "table", rows: [{ cells: [{ content: [{ _type: "span", text: payload }], isHeader: true }] }] },
        ],
      }),
    );
    expect(await findActive(page)).toEqual([]);
    expect(page).toContain(`<div class="slot at-post-after">`);
    expect(host.log).toEqual([
      {
        level: "warn",
        message: "Left out contributions to page:blocks",
        data: {
          path: "/posts/page",
          dropped: [{ plugin: "hostile", reason: "post.after: 2 blocks that cannot be drawn" }],
        },
      },
    ]);
  });

  it("are left out one by one, each with the plugin's name, and what is whole stays", async () => {
    const { page, host } = await show(
      from("wrong", [
        { slot: "head", blocks: [] },
        null,
        { slot: "post.after" },
        { slot: "post.after", blocks: [paragraph("It stays")] },
      ]),
      from("right", { slot: "post.after", blocks: [paragraph("So does this")] }),
      from("lost", { slot: "list.after", blocks: [paragraph("Not here")] }),
      from("empty", { slot: "post.after", blocks: [] }),
    );
    expect(page).toMatch(/It stays<\/p><\/div><div class="added prose" dir="auto"><p>So does this/);
    expect(page).not.toContain("Not here");
    expect(page.match(/class="added/g)).toHaveLength(2);
    expect((host.log[0]!.data!["dropped"] as { plugin: string }[]).map(({ plugin }) => plugin)).toEqual([
      "wrong",
      "wrong",
      "wrong",
      "lost",
    ]);
  });

  it("may be no blocks at all: no part of it makes the page fail", async () => {
    const odd = { toString: 1, valueOf: 1, toJSON: 1, constructor: 1 };
    const shapes = [odd, [odd], null, 1, true, "text"];
    const members = [
      "_type",
      "_key",
      "style",
      "listItem",
      "level",
      "children",
      "markDefs",
      "rows",
      "src",
      "alt",
      "code",
    ];
    const link = (key: unknown, href: unknown) => ({ _type: "link", _key: key, href });
    const blocks = shapes.flatMap((shape) => [
      shape,
      { ...paragraph("Listed"), listItem: "bullet", level: shape },
      { ...paragraph("Linked"), markDefs: [link(shape, "https://ok.dev/"), link("l", shape)] },
      { _type: "block", children: [{ _type: "span", text: shape, marks: shape }], markDefs: shape },
      { _type: "table", rows: [shape, { cells: shape }, { cells: [shape, { content: [shape], markDefs: [shape] }] }] },
      ...["block", "code", "image"].map((_type) => ({
        ...Object.fromEntries(members.map((member) => [member, shape])),
        _type,
      })),
    ]);
    for (let at = 0; at < blocks.length; at += SITE_LIMITS.slotBlocks) {
      const some = blocks.slice(at, at + SITE_LIMITS.slotBlocks);
      const { page } = await show(from("odd", { slot: "post.after", blocks: some }));
      expect(page).toContain("Listed");
      expect(await findActive(page)).toEqual([]);
      await resetDatabase();
    }
  });

  it("of nobody leave no trace on the page", async () => {
    const { page, host } = await show();
    expect(page).not.toMatch(/class="(slot|added)/);
    expect(host.log).toEqual([]);
  });
});

describe("what one plugin may put at a place", () => {
  const many = (count: number) => Array.from({ length: count }, () => paragraph("x"));
  const sizes = (value: unknown) => {
    const { kept, dropped } = checkSlotBlocks(value);
    return { kept: [...kept].map(([slot, blocks]) => [slot, blocks.length]), dropped };
  };
  const { slotBlocks, slotContributions, slotChars } = SITE_LIMITS;
  /** One paragraph of that many characters as JSON. */
  const long = (chars: number) => {
    const [block] = checkSlotBlocks({ slot: "post.after", blocks: [paragraph("")] }).kept.get("post.after")!;
    return paragraph("x".repeat(chars - JSON.stringify(block).length));
  };

  it.each([
    ["blocks", { slot: "post.after", blocks: many(slotBlocks) }, [["post.after", slotBlocks]], []],
    [
      "one block more",
      { slot: "post.after", blocks: many(slotBlocks + 1) },
      [["post.after", slotBlocks]],
      [`post.after: ${slotBlocks + 1} blocks; the first ${slotBlocks} are drawn`],
    ],
    [
      "one block more in two parts",
      [
        { slot: "post.after", blocks: many(slotBlocks) },
        { slot: "post.after", blocks: many(1) },
      ],
      [["post.after", slotBlocks]],
      [`post.after: ${slotBlocks + 1} blocks; the first ${slotBlocks} are drawn`],
    ],
    [
      "as many at every place",
      PAGE_SLOTS.map((slot) => ({ slot, blocks: many(slotBlocks) })),
      PAGE_SLOTS.map((slot) => [slot, slotBlocks]),
      [],
    ],
    [
      "contributions",
      Array.from({ length: slotContributions }, () => ({ slot: "post.after", blocks: many(1) })),
      [["post.after", slotContributions]],
      [],
    ],
    [
      "one contribution more",
      Array.from({ length: slotContributions + 1 }, () => ({ slot: "post.after", blocks: many(1) })),
      [["post.after", slotContributions]],
      [`${slotContributions + 1} contributions; the first ${slotContributions} are taken`],
    ],
    ["characters", { slot: "post.after", blocks: [long(slotChars)] }, [["post.after", 1]], []],
    [
      "one character more",
      { slot: "post.after", blocks: [long(slotChars + 1)] },
      [["post.after", 0]],
      [`post.after: more than ${slotChars} characters; 1 blocks are left out`],
    ],
    [
      "one character more in two parts",
      [
        { slot: "post.after", blocks: [long(slotChars - 300)] },
        { slot: "post.after", blocks: [long(301)] },
      ],
      [["post.after", 1]],
      [`post.after: more than ${slotChars} characters; 1 blocks are left out`],
    ],
  ])("is bounded: %s", (_, value, kept, dropped) => expect(sizes(value)).toEqual({ kept, dropped }));

  it("is drawn in time, whatever its shape: spans, marks, links, cells and levels", async () => {
    const marks = ["strong", "em", "code", "underline"];
    const spans = Array.from({ length: 5_000 }, (_, i) => ({ _type: "span", text: "x", marks: i % 2 ? marks : [] }));
    const { page } = await show(
      from("wide", { slot: "post.after", blocks: [{ _type: "block", children: spans }, paragraph("after")] }),
      from("deep", {
        slot: "post.after",
        blocks: many(slotBlocks).map((block, i) => ({ ...block, listItem: "bullet", level: i * 1e6 })),
      }),
    );
    expect(page.length).toBeLessThan(100_000);
    expect(await findActive(page)).toEqual([]);
  });
});

describe("a plugin's answer to an address", () => {
  it("that cannot stand is logged with the plugin's name and what was expected", async () => {
    const answer = { ok: true, plugin: "odd", value: { contentType: "text/html", body: "x" } } as const;
    const host = createTestHost({ hooks: createTestHooks({ answer }) });
    expect((await host.request("/nothing")).status).toBe(503);
    expect(host.log).toEqual([
      {
        level: "warn",
        message: "Left out the answer to page:request",
        data: {
          path: "/nothing",
          plugin: "odd",
          reason: expect.stringMatching(/^contentType: .*application\/atom\+xml/),
        },
      },
    ]);
  });

  it("may have as many blocks as there is room for, and not one character more", () => {
    const page = (text: string) => parsePathAnswer({ page: { title: "Long", blocks: [paragraph(text)] } });
    const empty = page("");
    const frame = empty.ok && empty.value.kind === "page" ? JSON.stringify(empty.value.blocks).length : 0;
    const most = SITE_LIMITS.answerBlockChars - frame;
    expect(page("x".repeat(most)).ok).toBe(true);
    expect(page("x".repeat(most + 1))).toEqual({
      ok: false,
      reason: "page.blocks: 500001 characters as JSON, expected at most 500000",
    });
  });

  it("says when to come back where the plugin had no memory to run in", async () => {
    const host = createTestHost({ hooks: createTestHooks({ answer: { ok: false, plugin: "busy", retryAfter: 2 } }) });
    const response = await host.request("/nothing");
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "2"]);
    const own = await host.request("/robots.txt");
    expect([own.status, own.headers.get("retry-after")]).toEqual([200, null]);
  });
});
