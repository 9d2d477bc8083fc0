/** Does the reference say what the host does? It is made of the host's own tables, and every method has a sentence. */
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { CONTEXT_METHODS } from "../../host/bridges/table.ts";
import { toReference } from "../../scripts/reference.ts";

describe("docs/reference/bridges.md", () => {
  it("is what the tables say; otherwise run npm run build:reference", async () => {
    const page = await readFile(`${import.meta.dirname}/../../docs/reference/bridges.md`, "utf8");
    expect(page).toBe(toReference());
  });

  it("has no method that authors' types do not have", async () => {
    const types = await readFile(`${import.meta.dirname}/../../sdk/context.ts`, "utf8");
    for (const { name } of CONTEXT_METHODS) {
      const method = name.slice(name.indexOf(".") + 1);
      expect({ name, isTyped: new RegExp(`\\b${method}(?:<[^(]*)?\\(`).test(types) }).toEqual({ name, isTyped: true });
    }
  });

  it("has every method, each with a sentence of its own", () => {
    const page = toReference();
    for (const { name, summary } of CONTEXT_METHODS) {
      expect(page).toContain(`### ${name}\n\n${summary}`);
      expect(summary).toMatch(/^[A-Z].*\.$/);
    }
    const sentences = CONTEXT_METHODS.map(({ summary }) => summary);
    expect(new Set(sentences).size).toBe(sentences.length);
  });
});
