/** Do the deploy steps come in an order that a stop in between cannot spoil, and does the link they print sign in? */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deploy, parseSecretNames, toLinkSql, type DeployWorld } from "../../scripts/deploy-steps.ts";
import { startProduction, type ProductionWorker } from "./worker.ts";

/** Cloudflare as the steps see it: what was asked of wrangler, and what it answers. */
function createWorld(options: {
  readonly secrets?: readonly string[];
  readonly fails?: string;
  readonly health?: readonly number[];
}) {
  const calls: string[] = [];
  const inputs: string[] = [];
  const lines: string[] = [];
  const health = [...(options.health ?? [200])];
  const world: DeployWorld = {
    async wrangler(args, input) {
      const call = args.slice(0, 3).join(" ");
      calls.push(call);
      if (input !== undefined) inputs.push(input);
      if (call === options.fails) throw new Error(`${call} failed`);
      return call.startsWith("secret list") ? JSON.stringify((options.secrets ?? []).map((name) => ({ name }))) : "";
    },
    deployedUrl: async () => "https://bulkhead.example.workers.dev",
    fetch: async () => ({ status: health.length > 1 ? health.shift()! : health[0]!, text: async () => "not yet" }),
    print: (line) => lines.push(line),
    now: () => new Date(),
    sleep: async () => {},
  };
  return { world, calls, inputs, lines };
}

describe("deploy", () => {
  test("uploads, migrates, makes both secrets, waits for health, and prints a link", async () => {
    const { world, calls, inputs, lines } = createWorld({ health: [503, 503, 200] });
    await expect(deploy(world)).resolves.toBe("https://bulkhead.example.workers.dev");
    expect(calls).toEqual([
      "deploy",
      "d1 migrations apply",
      "secret list --format",
      "secret put SECRETS_KEY",
      "secret put BOOTSTRAP_TOKEN",
      "d1 execute DB",
    ]);
    expect(new Set(inputs).size).toBe(2);
    for (const secret of inputs) {
      expect(secret).toMatch(/^[0-9a-f]{64}$/);
      expect(lines.join("\n")).not.toContain(secret);
    }
    expect(lines.join("\n")).toMatch(/\/admin\/sign-in#code=[\w-]{43}/);
  });

  test("never replaces a secret that is there", async () => {
    const { world, calls } = createWorld({ secrets: ["SECRETS_KEY", "OTHER"] });
    await deploy(world);
    expect(calls.filter((call) => call.startsWith("secret put"))).toEqual(["secret put BOOTSTRAP_TOKEN"]);
  });

  test.each(["deploy", "d1 migrations apply", "secret list --format", "secret put SECRETS_KEY"])(
    "stops at %s when it fails, and does nothing after it",
    async (fails) => {
      const { world, calls, lines } = createWorld({ fails });
      await expect(deploy(world)).rejects.toThrow(fails);
      expect(calls.at(-1)).toBe(fails);
      expect(lines.join("\n")).not.toContain("#code=");
    },
  );

  test("gives up with the last answer where the Worker stays unhealthy", async () => {
    const { world, calls } = createWorld({ health: [503] });
    await expect(deploy(world)).rejects.toThrow("503: not yet");
    expect(calls).not.toContain("d1 execute DB");
  });

  test("refuses output of wrangler that is no list of secrets", () => {
    expect(() => parseSecretNames("You are not logged in")).toThrow("not logged in");
    expect(parseSecretNames('warning\n[{"name":"A","type":"secret_text"}]')).toEqual(["A"]);
  });
});

describe("the link", () => {
  let worker: ProductionWorker;
  beforeAll(async () => {
    worker = await startProduction({ internet: {} });
  });
  afterAll(() => worker?.close());

  test("written by its statement signs in once, and a forged or expired one does not", async () => {
    const signIn = (code: string) => worker.call<{ role: string }>("POST", "/api/auth/session", { code });
    await worker.env.DB.prepare(toLinkSql("fresh-code", new Date())).run();
    await worker.env.DB.prepare(toLinkSql("old-code", new Date(Date.now() - 16 * 60_000))).run();
    await expect(signIn("fresh-code")).resolves.toMatchObject({ role: "admin" });
    for (const code of ["fresh-code", "old-code", "forged"]) await expect(signIn(code)).rejects.toThrow("401");
  });
});
