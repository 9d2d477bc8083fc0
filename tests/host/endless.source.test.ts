/**
 * What if an answer never ends? It is cut off where it is too long, and the server is not asked for more. Only here is the
 * server asked for no more than is taken: on its way to the built Worker an answer is read to its end first.
 */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { AI_LIMITS } from "../../host/ai/limits.ts";
import { BRIDGE_LIMITS } from "../../host/bridges/limits.ts";
import { install } from "./client.ts";
import { client, get } from "./client-plugin.ts";
import { bridge, probe } from "./plugins.ts";

beforeEach(() => target.reset());

const PART = 65_536;

/** A server that sends for ever; tells how many bytes it was asked for. */
function sendForEver(): () => number {
  let sent = 0;
  target.internet(
    () =>
      new Response(
        new ReadableStream<Uint8Array>({
          pull(controller) {
            sent += PART;
            controller.enqueue(new Uint8Array(PART).fill(32));
          },
        }),
      ),
  );
  return () => sent;
}

describe("an answer without an end", () => {
  it("of a server is cut off at the cap", async () => {
    await install(client(["a.shop.dev"]));
    const sent = sendForEver();
    expect((await get("https://a.shop.dev/")).error).toMatchObject({
      code: "FAILED",
      message: `The answer has more than ${BRIDGE_LIMITS.bodyBytes} bytes.`,
    });
    // What was on its way; never more and more.
    expect(sent()).toBeLessThan(4 * BRIDGE_LIMITS.bodyBytes);
  });

  it("of a language model is cut off where it is too long", async () => {
    await install(probe("asker", { capabilities: ["ai:generate"] }));
    const sent = sendForEver();
    expect((await bridge("asker", "ai.generate", { prompt: "Hi", maxTokens: 100 })).error?.message).toMatch(
      /more than 1000000 bytes/,
    );
    expect(sent()).toBeLessThan(AI_LIMITS.answerBytes * 4);
  });
});
