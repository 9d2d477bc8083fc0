/** Does every folder import only what it may, and do bindings, SQL and names of plugins stay where they belong? */
import { existsSync, readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { vectors } from "../corpora/vectors.ts";
import { judgeImport, readImports, type Import } from "./imports.ts";

const ROOT = resolve(import.meta.dirname, "../..");

const files: string[] = [];
for (const folder of ["sdk", "sandbox", "host", "plugins", "admin/src", "cli"]) {
  for await (const file of glob(`${folder}/**/*.{ts,tsx}`, { cwd: ROOT })) {
    if (!file.includes("node_modules") && !file.endsWith(".gen.ts")) files.push(file);
  }
}
const read = (file: string) => readFileSync(resolve(ROOT, file), "utf8");
const within = (folder: RegExp) => files.filter((file) => folder.test(file));
/** Lines of code that fit, as `file:line`. What comments say is no code. */
const linesWith = (folder: RegExp, pattern: RegExp) =>
  within(folder).flatMap((file) =>
    read(file)
      .split("\n")
      .flatMap((line, i) => (pattern.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line) ? [`${file}:${i + 1}`] : [])),
  );

describe("the folders", () => {
  it("import only what they may", () => {
    const faults = files.flatMap((file) => readImports(read(file)).flatMap((found) => judgeImport(file, found) ?? []));
    expect(faults).toEqual([]);
  });

  it("are all there to be judged", () => {
    for (const folder of [
      "sdk",
      "sandbox",
      "sandbox/guest",
      "host",
      "host/guest",
      "host/store/d1",
      "plugins",
      "admin/src",
    ]) {
      expect({ folder, count: files.filter((file) => file.startsWith(`${folder}/`)).length }).toEqual({
        folder,
        count: expect.toSatisfy((count: number) => count > 2),
      });
    }
    expect(files.flatMap((file) => readImports(read(file))).length).toBeGreaterThan(500);
  });
});

describe("the judge", () => {
  const forbidden: readonly (readonly [string, string])[] = [
    ["sdk/hooks.ts", `import { HostError } from "../host/errors.ts";`],
    ["sdk/hooks.ts", `import type { Hono } from "hono";`],
    ["sandbox/vm.ts", `import type { Capability } from "@bulkhead/sdk";`],
    ["sandbox/vm.ts", `import { x } from "../host/crypto.ts";`],
    ["sandbox/vm.ts", `import { env } from "cloudflare:workers";`],
    ["sandbox/vm.ts", `import { existsSync, readFileSync } from "node:fs";`],
    ["sandbox/guest/index.ts", `const x = await import("../../host/crypto.ts");`],
    ["host/guest/index.ts", `import { createSandbox } from "../../sandbox/index.ts";`],
    ["host/guest/index.ts", `import { defaultLimits } from "../../sandbox/types.ts";`],
    ["host/guest/index.ts", `import { z } from "zod";`],
    ["host/app.ts", `import { createVm } from "../sandbox/vm.ts";`],
    ["host/app.ts", `import local from "./dev.ts";`],
    ["host/app.ts", `import { env } from "cloudflare:workers";`],
    ["host/index.ts", `import { createServices } from "./services.ts";`],
    ["host/app.ts", `import { createHttp } from "./guest/http.ts";`],
    ["host/app.ts", `import { App } from "../admin/src/app.tsx";`],
    ["host/app.ts", `import plugin from "../plugins/auto-blog-seo/src/index.ts";`],
    ["host/app.ts", `import { readFile } from "node:fs/promises";`],
    ["host/app.ts", `export * from "../scripts/local-server.ts";`],
    ["plugins/one/src/index.ts", `import { CAPABILITIES } from "@bulkhead/sdk";`],
    ["plugins/one/src/index.ts", `import { CAPABILITIES, type PluginContext } from "@bulkhead/sdk";`],
    ["plugins/one/src/index.ts", `import type { Services } from "../../../host/services.ts";`],
    ["plugins/one/src/index.ts", `import { x } from "../../two/src/index.ts";`],
    ["plugins/one/src/index.ts", `import "zod";`],
    ["admin/src/app.tsx", `import { api } from "../../host/api/api.ts";`],
    ["admin/src/app.tsx", `import type { Services } from "../../host/services.ts";`],
    ["admin/src/app.tsx", `import { readFile } from "node:fs";`],
    ["cli/pack.ts", `import { createApp } from "../host/app.ts";`],
  ];
  it.each(forbidden)("refuses in %s: %s", (file, source) => {
    const imports = readImports(source);
    expect(imports).toHaveLength(1);
    expect(judgeImport(file, imports[0]!)).toMatch(/imports/);
  });

  const allowed: readonly (readonly [string, string])[] = [
    ["sdk/manifest.ts", `import { z } from "zod";`],
    ["sandbox/vm.ts", `import { boot } from "./engine/engine.ts";`],
    ["host/guest/index.ts", `import type { GuestSandbox } from "../../sandbox/types.ts";`],
    ["host/guest/index.ts", `import { type GuestSandbox } from "../../sandbox/types.ts";`],
    ["host/app.ts", `import { createSandbox } from "../sandbox/index.ts";`],
    ["host/invoke/program.ts", `import { guestRuntime } from "../guest/runtime.gen.ts";`],
    ["plugins/one/src/index.ts", `import type { PluginContext } from "@bulkhead/sdk";`],
    ["plugins/one/src/index.ts", `import { draft } from "./draft.ts";`],
    ["admin/src/app.tsx", `import type { Api } from "../../host/api/api.ts";`],
    ["admin/src/app.tsx", `import { useState } from "react";`],
  ];
  it.each(allowed)("lets pass in %s: %s", (file, source) => {
    const [found] = readImports(source) as [Import];
    expect(judgeImport(file, found)).toBeUndefined();
  });
});

/** The test `words` of its name stand for is in the file; what a comment says is no test. */
const isTest = (test: string, words: string) =>
  existsSync(resolve(ROOT, test)) &&
  read(test)
    .split("\n")
    .filter((line) => !/^\s*(\*|\/\/|\/\*)/.test(line))
    .join("\n")
    .includes(words);

describe("a line that security rests on", () => {
  it("names a test that is there", () => {
    const named = within(/^(host|sandbox)\//).flatMap((file) =>
      [...read(file).matchAll(/\((tests\/[\w./-]+\.test\.ts)(?:,\s+(?:\*\s+|\/\/\s+)?"([^"]+)")?\)/g)].map(
        ([, test = "", words = ""]) => ({ file, test, words }),
      ),
    );
    expect(named.length).toBeGreaterThan(30);
    for (const { file, test, words } of named) {
      const isThere = isTest(test, words);
      expect({ file, test, words, isThere }).toEqual({ file, test, words, isThere: true });
    }
  });

  it("names no comment as one", () => {
    const file = "tests/architecture/architecture.test.ts";
    // Words of this comment are the name of nothing.
    expect(isTest(file, "names no comment as one")).toBe(true);
    expect(isTest(file, ["Words of this comment", "are the name of nothing"].join(" "))).toBe(false);
  });

  it("names it by its file", () => {
    const comments = within(/^(host|sandbox)\//).flatMap((file) => read(file).match(/\bTest: \w+ ".*/g) ?? []);
    expect(comments).toEqual([]);
  });
});

describe("the table of threats", () => {
  /** Number, threat, what stops it, tests. */
  const table = read("docs/threats.md")
    .split("\n")
    .flatMap((line) => {
      const [number = "", threat = "", defence = "", tests = ""] = line
        .split("|")
        .slice(1)
        .map((cell) => cell.trim());
      return /^\d+$/.test(number) ? [{ row: Number(number), threat, defence, tests }] : [];
    });
  const placesOf = (tests: string) =>
    [...tests.matchAll(/`(tests\/[\w./-]+\.test\.ts), "([^"`]+)"`/g)].map(([, test = "", words = ""]) => ({
      test,
      words,
    }));

  it("has every row once, in order, with a threat and what stops it", () => {
    expect(table.map(({ row }) => row)).toEqual(Array.from({ length: 41 }, (_, index) => index + 1));
    for (const { row, threat, defence } of table) {
      const files = [...defence.matchAll(/`((?:host|sandbox|sdk|admin)\/[\w./-]+\.tsx?|wrangler\.toml)`/g)].map(
        ([, file = ""]) => ({ file, isThere: existsSync(resolve(ROOT, file)) }),
      );
      expect({ row, isSaid: threat.length > 5, files }).toEqual({
        row,
        isSaid: true,
        files: expect.toSatisfy((found: typeof files) => found.length > 0 && found.every(({ isThere }) => isThere)),
      });
    }
  });

  it("names at least one test for each row, and none that is not there", () => {
    for (const { row, tests } of table) {
      const places = placesOf(tests);
      expect({ row, tests: places.length }).toEqual({ row, tests: expect.toSatisfy((count: number) => count > 0) });
      // What is written like a test and is not read as one would be a test nobody looks for.
      expect({ row, named: tests.match(/tests\//g)?.length }).toEqual({ row, named: places.length });
      for (const { test, words } of places)
        expect({ row, test, words, isThere: isTest(test, words) }).toEqual({ row, test, words, isThere: true });
    }
  });

  it("agrees with the corpus's own list of its rows", () => {
    for (const { row, places } of vectors) {
      expect(table.some((each) => each.row === row)).toBe(true);
      for (const [file, words] of places)
        expect({ row, file, words, isThere: isTest(file, words) }).toEqual({ row, file, words, isThere: true });
    }
  });
});

describe("in the host", () => {
  it("bindings are read in services.ts alone, and passed through the entries", () => {
    const entries = /^host\/(services|readiness|worker|dev|index|embed)\.ts$/;
    const elsewhere = within(/^host\//).filter((file) => !entries.test(file));
    const pattern =
      /\bc\.env\b|\benv\.[A-Z]|cloudflare:workers|\bEnv\b.*services\.ts|\b(DB|CACHE|BUNDLES|ASSETS)\s*[:.]/;
    expect(linesWith(/^host\//, pattern).filter((place) => elsewhere.includes(place.split(":")[0]!))).toEqual([]);
    expect(linesWith(entries, /\benv\.DB\b/)).not.toEqual([]);
  });

  it("SQL stands under store/d1 alone", () => {
    const sql = /\.prepare\(|\.exec\(\s*["'`]|\b(SELECT\s.+\sFROM|INSERT INTO|DELETE FROM|UPDATE \w+ SET)\s/;
    expect(linesWith(/^host\/(?!store\/d1\/|sql\/)/, sql)).toEqual([]);
    expect(linesWith(/^host\/store\/d1\//, sql).length).toBeGreaterThan(50);
  });

  it("nobody knows the name of a shipped plugin, and the sandbox knows no plugin at all", () => {
    // An example in a comment or in the API's documentation is no knowledge.
    const known = linesWith(/^(host|sandbox)\//, /auto-?blog/i).filter((place) => {
      const [file, line] = place.split(":") as [string, string];
      return !/example:/.test(read(file).split("\n")[Number(line) - 1]!);
    });
    expect(known).toEqual([]);
  });

  it("code that is only for this machine stands in dev.ts alone", () => {
    const local = /127\.0\.0\.1|LOOPBACK|localhost:/;
    expect(linesWith(/^(host\/(?!dev\.ts$)|sandbox\/|sdk\/)/, local)).toEqual([]);
    expect(linesWith(/^host\/dev\.ts$/, local)).not.toEqual([]);
  });
});

it("lets the Worker's requests out through the public internet alone, never straight to its own zone", () => {
  for (const file of ["wrangler.toml", "docs/embedding.md", "tests/host/vitest.config.ts"])
    expect({ file, is: /"global_fetch_strictly_public"/.test(read(file)) }).toEqual({ file, is: true });
});

it("says one compatibility date in the code, the configuration and the tests' runtimes", () => {
  const dateIn = (file: string) => /compatibility_?[dD]ate\w*\s*[=:]\s*"([\d-]+)"/i.exec(read(file))?.[1];
  const [date, ...others] = ["host/compatibility.ts", "wrangler.toml", "tests/sandbox-workerd/vitest.config.ts"].map(
    dateIn,
  );
  expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(others).toEqual([date, date]);
});
