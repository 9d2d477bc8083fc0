/**
 * What if a guest calls the methods itself that its host's half calls for it, with whatever arguments? They are called here as
 * the sandbox calls them: by name and JSON text.
 */
import type { PluginManifest } from "@bulkhead/sdk";
import { describe, expect, it } from "vitest";
import { BODY_ROOM, createBodyRoom, type BodyRoom } from "../../host/bridges/body-room.ts";
import { createBodies } from "../../host/bridges/bodies.ts";
import type { BridgeCall } from "../../host/bridges/define-bridge.ts";
import { createGate } from "../../host/bridges/gate.ts";
import { createDispatcher } from "../../host/bridges/dispatch.ts";
import { BRIDGE_LIMITS } from "../../host/bridges/limits.ts";
import { BRIDGES } from "../../host/bridges/table.ts";
import { callFuel, isOneText } from "../../host/invoke/call-fuel.ts";
import { readAnswer } from "../../host/network/read-answer.ts";
import type { Grant } from "../../host/permissions/grant.ts";
import { UNBOUNDED } from "../../host/policy/bounds.ts";
import { ok } from "../../host/result.ts";
import { offline, type Internet } from "../support/target.ts";

const MOST = BRIDGE_LIMITS.bodyBytes;
const PART = BRIDGE_LIMITS.partBytes;
const GRANT: Grant = {
  capability: "network:request",
  allowed: true,
  targets: ["a.shop.dev"],
  methods: null,
  mode: "enforce",
  paused: false,
  grantedBy: "test",
  grantedAt: "2026-01-01T00:00:00Z",
  until: null,
  note: null,
};

interface Options {
  readonly room?: BodyRoom;
  readonly internet?: Internet;
  readonly grants?: readonly Grant[];
  readonly bytesIn?: number;
}

/** The calls of one invocation, without a guest. */
function open({
  room = createBodyRoom(() => 0),
  internet = offline,
  grants = [GRANT],
  bytesIn = 2 ** 30,
}: Options = {}) {
  const bodies = createBodies({ room: room.open(60_000), bytesIn });
  let fuel = 0;
  const call = {
    plugin: { id: "raw", version: "1.0.0", manifest: { bulkhead: {} } },
    services: { now: () => new Date(), log: () => {}, fetch: async (request: Request) => internet(request) },
    gate: createGate({
      manifest: {
        id: "raw",
        version: "1.0.0",
        capabilities: ["network:request"],
        bulkhead: {},
      } as unknown as PluginManifest,
      holding: async () => ({ grants, bounds: UNBOUNDED }),
      now: () => new Date(),
      onDecided: () => {},
    }),
    bodies,
    ownHosts: [],
    signal: new AbortController().signal,
  } as unknown as BridgeCall;
  const dispatcher = createDispatcher({
    table: BRIDGES,
    openCall: () => ({ call, end: () => {} }),
    budget: { data: 10, request: 10, compute: 10 },
    count: () => true,
    admit: async () => ok({ end() {} }),
    writeAhead: async () => {},
  });
  const meter = { fuelLeft: () => 2 ** 40, charge: (units: number) => void (fuel += units) };
  return {
    fuel: () => fuel,
    close: () => bodies.close(),
    async call(op: string, ...args: unknown[]) {
      const { ok, ...rest } = await dispatcher.call(op, JSON.stringify(args), meter);
      return ok
        ? { value: JSON.parse((rest as { value: string }).value) }
        : (rest as { error: { code: string; message: string } });
    },
    fetch(more: Record<string, unknown> = {}) {
      return this.call("http.fetch", { url: "https://a.shop.dev/", method: "POST", headers: [], ...more });
    },
  };
}
const bytes =
  (length: number): Internet =>
  () =>
    new Response(new Uint8Array(length).fill(255));

describe("a token", () => {
  it.each([[-1], [0], [1.5], [1e300], ["1"], [null], [[1]], [{}], [true], []].map((args) => [args]))(
    "that is none (%j) reads nothing",
    async (args) => {
      const invocation = open({ internet: bytes(2 * PART) });
      expect(await invocation.fetch()).toMatchObject({ value: { token: 1 } });
      expect(await invocation.call("http.readBody", ...args)).toMatchObject({ error: { code: "INVALID_ARGUMENT" } });
    },
  );

  it("of another invocation reads nothing there, and adds nothing", async () => {
    const [one, other] = [open({ internet: bytes(2 * PART) }), open()];
    expect(await one.fetch()).toMatchObject({ value: { token: 1 } });
    expect(await one.call("http.writeBody", null, "ab", null)).toEqual({ value: 2 });
    expect(await other.call("http.readBody", 1)).toMatchObject({ error: { code: "NOT_FOUND" } });
    expect(await other.call("http.writeBody", 2, "ab", null)).toMatchObject({ error: { code: "NOT_FOUND" } });
    expect(await other.fetch({ body: { token: 2 } })).toMatchObject({ error: { code: "NOT_FOUND" } });
    expect(await one.call("http.readBody", 1)).toMatchObject({ value: expect.any(Array) });
  });

  it("of an answer is no request's, and the other way round; each counts once", async () => {
    const invocation = open({ internet: bytes(2 * PART) });
    await invocation.fetch();
    await invocation.call("http.writeBody", null, "ab", null);
    expect(await invocation.call("http.readBody", 2)).toMatchObject({ error: { code: "NOT_FOUND" } });
    expect(await invocation.call("http.writeBody", 1, "ab", null)).toMatchObject({ error: { code: "NOT_FOUND" } });
    await invocation.call("http.readBody", 1);
    expect(await invocation.call("http.readBody", 1)).toMatchObject({ error: { code: "NOT_FOUND" } });
    await invocation.fetch({ body: { token: 2 } });
    expect(await invocation.fetch({ body: { token: 2 } })).toMatchObject({ error: { code: "NOT_FOUND" } });
  });

  it("means nothing once its invocation has ended: everything was dropped at its end", async () => {
    const room = createBodyRoom(() => 0);
    const invocation = open({ room, internet: bytes(2 * PART) });
    await invocation.fetch();
    await invocation.call("http.writeBody", null, "ab", null);
    expect(room.held()).toBeGreaterThan(2 * PART);
    invocation.close();
    expect(room.held()).toBe(0);
    expect(await invocation.call("http.readBody", 1)).toMatchObject({ error: { code: "NOT_FOUND" } });
    expect(await invocation.call("http.writeBody", null, "ab", null)).toMatchObject({
      error: { code: "BUDGET_EXCEEDED" },
    });
    expect(await invocation.fetch()).toMatchObject({ error: { code: "FAILED" } });
    expect(room.held()).toBe(0);
  });

  it("helps nobody whose grant is gone", async () => {
    const invocation = open({ grants: [] });
    for (const [op, ...args] of [
      ["http.readBody", 1],
      ["http.writeBody", null, "ab", null],
    ] as const)
      expect(await invocation.call(op, ...args)).toMatchObject({
        error: { code: "DENIED", message: expect.stringMatching(/^Missing capability: network:request\./) },
      });
  });
});

describe("a part", () => {
  it.each([
    ["empty", [null, "", null]],
    ["too long", [null, "a".repeat(PART / 2 + 1), null]],
    ["longer than it says", [null, "abc", 4]],
    ["shorter than it says", [null, "a", 5]],
    ["of bytes below zero", [null, "a", -1]],
    ["of half a byte", [null, "a", 1.5]],
    ["of a list", [null, ["a"], 1]],
    ["without its length", [null, "a"]],
    ["with more behind it", [null, "a", 1, 1]],
  ])("that is %s is refused", async (_, args) => {
    expect(await open().call("http.writeBody", ...args)).toMatchObject({ error: { code: "INVALID_ARGUMENT" } });
  });

  it("of text is paid for as text, and nothing else is", () => {
    const cheap = [`[null,"",null]`, `[1,"a\\"b\\\\",3]`, `[12,"__proto__",12]`, `[null,"]",1]`];
    const dear = [
      `[null,"a",[1]]`,
      `[null,"a","b"]`,
      `[null,"a",1,{"__proto__":1}]`,
      `[[1],"a",1]`,
      `[null,["a"],1]`,
      `[null,"a\\",{}]`,
      `[{"__proto__":"a"},"a",1]`,
      `[null,"a",1]]`,
      `[null,"a" ,1]`,
      `[null,"a`,
      `["a",1]`,
      `{"a":"b"}`,
      `[-1,"a",1]`,
      "",
    ];
    for (const args of cheap) expect({ args, is: isOneText("http.writeBody", args) }).toEqual({ args, is: true });
    for (const args of dear) expect({ args, is: isOneText("http.writeBody", args) }).toEqual({ args, is: false });
    expect(isOneText("kv.set", cheap[0]!)).toBe(false);
    expect(callFuel("http.writeBody", "request", "x".repeat(1_000), "text")).toBeGreaterThanOrEqual(2_000);
  });

  it("is found to be text in time that grows with its length alone", () => {
    const hostile = `[null,"${'\\\\\\"'.repeat(300_000)}`;
    expect(isOneText("http.writeBody", hostile)).toBe(false);
  });
});

describe("the room for bodies", () => {
  it("of one invocation is that of the largest body each way, and one byte more is refused", async () => {
    const room = createBodyRoom(() => 0);
    const invocation = open({ room });
    const part = "a".repeat(PART / 2);
    const fill = async (bytes: number): Promise<unknown> => {
      let token: unknown = null;
      for (let sent = 0; sent < bytes; sent += PART) {
        const answer = await invocation.call("http.writeBody", token, part, PART);
        if (!("value" in answer)) return answer.error.code;
        token = answer.value;
      }
      return token;
    };
    expect(await fill(MOST)).toBe(1);
    expect(await invocation.call("http.writeBody", 1, "a", 1)).toMatchObject({ error: { code: "INVALID_ARGUMENT" } });
    expect(await fill(MOST)).toBe(2);
    expect(room.held()).toBe(BODY_ROOM.invocation);
    expect(await invocation.call("http.writeBody", null, "a", 1)).toMatchObject({ error: { code: "BUDGET_EXCEEDED" } });
    expect(await invocation.fetch()).toMatchObject({
      error: { message: expect.stringMatching(/no room for the answer|failed/) },
    });
  });

  it("of an isolate is shared; a share that was never closed is given up for lost after its lease", () => {
    let now = 0;
    const room = createBodyRoom(() => now);
    const [one, other, third] = [room.open(1_000), room.open(2_000), room.open(9_000)];
    expect(one.take(BODY_ROOM.invocation)).toBe(true);
    expect(one.take(1)).toBe(false);
    expect(other.take(BODY_ROOM.isolate - BODY_ROOM.invocation)).toBe(true);
    expect(third.take(1)).toBe(false);
    other.take(-1);
    expect(third.take(1)).toBe(true);
    now = 1_001;
    expect(third.take(BODY_ROOM.invocation - 1)).toBe(true);
    other.close();
    third.close();
    expect(room.held()).toBe(0);
    expect(third.take(1)).toBe(false);
  });

  it("is given back by every answer, whatever becomes of it", async () => {
    const room = createBodyRoom(() => 0);
    const held = async (internet: Internet, bytesIn?: number) => {
      await open({ room, internet, ...(bytesIn === undefined ? {} : { bytesIn }) }).fetch();
      return room.held();
    };
    const broken = () =>
      new Response(new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) }));
    expect(await held(() => new Response("text"))).toBe(0);
    expect(await held(bytes(100))).toBe(0);
    expect(await held(bytes(MOST + 1))).toBe(0);
    expect(await held(bytes(PART * 2), 1_000)).toBe(0);
    expect(await held(broken)).toBe(0);
    expect(await held(offline)).toBe(0);
    const invocation = open({ room, internet: bytes(2 * PART) });
    await invocation.fetch();
    expect(room.held()).toBeGreaterThan(0);
    await invocation.call("http.readBody", 1);
    expect(room.held()).toBe(0);
  });
});

describe("a length that is declared", () => {
  const read = async (declared: string, size: number) => {
    let taken = 0;
    let most = 0;
    const response = new Response(
      new ReadableStream({
        start(controller) {
          for (let left = size; left > 0; left -= 1_000) controller.enqueue(new Uint8Array(Math.min(left, 1_000)));
          controller.close();
        },
      }),
      { headers: { "content-length": declared } },
    );
    const result = await readAnswer(response, {
      mostBytes: 100_000,
      signal: new AbortController().signal,
      takeRoom: (bytes) => {
        taken += bytes;
        most = Math.max(most, taken);
        return true;
      },
    });
    return { got: result.ok ? result.value.length : result.reason, taken, most };
  };

  it.each([
    ["as it is", "5000", 5_000, 5_000],
    ["too short", "5", 5_000, 5_000],
    ["too long", "90000", 5_000, 5_000],
    ["nonsense", "many", 5_000, 5_000],
    ["below zero", "-5", 5_000, 5_000],
    ["without end", "Infinity", 5_000, "too-large"],
    ["over the cap", "100001", 5_000, "too-large"],
    ["too short, with more behind it than the cap", "5", 100_001, "too-large"],
    ["as it is, at the cap", "100000", 100_000, 100_000],
  ])("%s (%s) neither helps nor harms", async (_, declared, size, got) => {
    const read1 = await read(declared, size);
    expect(read1.got).toBe(got);
    // Never more than the cap and what is copied from.
    expect(read1.most).toBeLessThanOrEqual(100_000);
    if (typeof got === "string") expect(read1.taken).toBe(0);
  });
});
