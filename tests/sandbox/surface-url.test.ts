/** What does a URL cost the host, and which does it refuse to look at? */
import { describe, expect, test } from "vitest";
import { answerAsk } from "../../sandbox/bridge/ask.ts";
import { main, run, toValue } from "./harness.ts";

/** Different characters, since equal ones take less time. */
const ideographs = (count: number) =>
  Array.from({ length: count }, (_, index) => String.fromCharCode(0x4e00 + ((index * 7919) % 20_000))).join("");

function parse(...args: readonly string[]): {
  readonly isValid: boolean;
  readonly fuel: number;
  readonly answer: string;
} {
  let fuel = 0;
  const answer = answerAsk(
    args.length > 2 ? "url.set" : "url.parse",
    JSON.stringify(args),
    "entry",
    (units) => (fuel += units),
  );
  return { isValid: answer.startsWith("="), fuel, answer };
}

describe("the name of a host", () => {
  // SECURITY: punycode takes the square of its length, 37 ms for 4,000 ideographs.
  test("is read up to 512 characters, and not one over", () => {
    expect(parse(`https://${"a".repeat(512)}/`).isValid).toBe(true);
    expect(parse(`https://${"a".repeat(513)}/`).isValid).toBe(false);
    expect(parse(`https://user:${"p".repeat(1_000)}@${"a".repeat(512)}/`).isValid).toBe(true);
    expect(parse("https://a.test/", "host", "a".repeat(512)).answer).toContain("aaa");
    expect(parse("https://a.test/", "host", "a".repeat(513)).isValid).toBe(false);
    expect(parse("https://a.test/", "hostname", "a".repeat(513)).isValid).toBe(false);
    expect(parse("https://a.test/", "href", `https://${"a".repeat(513)}/`).isValid).toBe(false);
  });

  test.each([
    (host: string) => `https://${host}/`,
    (host: string) => `HTTPS:${host}`,
    (host: string) => `  \u0001https://${host}?x`,
    (host: string) => `ht\ntps:\t//${host}#x`,
    (host: string) => `https:\\\\${host}\\x`,
    (host: string) => `https:////${host}`,
    (host: string) => `https://x@y@${host}/@z`,
    (host: string) => `ws://${host}:80/`,
    (host: string) => `ftp://${host}/`,
    (host: string) => `file://${host}/`,
  ])("of no ASCII is paid for, however it is written: %s", (write) => {
    const short = parse(write(ideographs(20)));
    expect(short.isValid).toBe(true);
    expect(short.fuel).toBeGreaterThan(5_000 + 20 * 300);
    expect(parse(write(ideographs(600)))).toMatchObject({ isValid: false });
    expect(parse(write(`xn--${"a9".repeat(50)}`)).fuel).toBeGreaterThan(30_000);
    expect(parse(write("%E4%B8%80.test")).fuel).toBeGreaterThan(5_000 + 14 * 300);
  });

  test("relative to a base it is paid for as well", () => {
    expect(parse(`//${ideographs(20)}/`, "https://a.test/").fuel).toBeGreaterThan(5_000 + 20 * 300);
    expect(parse(`\\\\${ideographs(513)}/`, "https://a.test/").isValid).toBe(false);
    expect(parse("/x", `https://${ideographs(513)}/`).isValid).toBe(false);
  });

  test("is not looked for where there is none", () => {
    for (const url of [
      `data:text/plain,${"ä".repeat(2_000)}`,
      `mailto:${"x".repeat(2_000)}@a.test`,
      `https://a.test/${"ä".repeat(2_000)}`,
    ])
      expect(parse(url).isValid).toBe(true);
    expect(parse("x".repeat(2_000), "https://a.test/").isValid).toBe(true);
  });

  test("costs the host less than its price, one unit being 10 ns", () => {
    const url = `https://${ideographs(512)}/`;
    const { fuel } = parse(url);
    const started = performance.now();
    for (let round = 0; round < 20; round += 1) parse(url);
    // Where clocks stand still while code runs this says nothing, and in Node it has room for a slow machine.
    expect((performance.now() - started) / 20).toBeLessThan((fuel / 100_000) * 5);
  });
});

describe("a whole URL", () => {
  test("is parsed up to 65,536 characters of JSON, and not one over", async () => {
    const url = `https://a.test/${"x".repeat(65_536 - 15 - 4)}`;
    expect(parse(url).isValid).toBe(true);
    expect(parse(`${url}x`).answer).toContain("is over 65536 characters");
    const body = `return [new URL(input).href.length, URL.canParse(input + "x")]`;
    expect(toValue(await run(main(body), { input: url }))).toEqual([url.length, false]);
  });
});
