/** Does the plugin that the README shows work as it says? Cut out of the README itself. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { packManifest } from "../support/pack.ts";
import { startProduction, type ProductionWorker } from "./worker.ts";

let worker: ProductionWorker;
beforeAll(async () => {
  worker = await startProduction({ internet: {} });
});
afterAll(() => worker.close());

/** The first block of a language after the heading. */
function blockOf(readme: string, language: string): string {
  const section = readme.slice(readme.indexOf("## Write a plugin"));
  const block = new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(section)?.[1];
  if (block === undefined) throw new Error(`The README shows no ${language} under "Write a plugin"`);
  return block;
}

it("the README's plugin installs, changes what is saved, and answers at its route", async () => {
  const readme = await readFile("README.md", "utf8");
  const manifest = JSON.parse(blockOf(readme, "json")) as { readonly id: string };
  const { plan } = await worker.call<{ plan: { hash: string; plugin: { version: string } } }>(
    "POST",
    "/api/admin/plugins",
    await packManifest(manifest, blockOf(readme, "js")),
  );
  await worker.call("POST", `/api/admin/plugins/${manifest.id}/consent`, {
    version: plan.plugin.version,
    planHash: plan.hash,
  });
  const post = await worker.call<{ id: string; data: { title: string } }>("POST", "/api/content/posts", {
    data: { title: "  Spaces around  " },
  });
  expect(post.data.title).toBe("Spaces around");
  const kept = await worker.call<{ data: { title: string } }>("PATCH", `/api/content/posts/${post.id}`, {
    data: { excerpt: " as it is " },
  });
  expect(kept.data).toMatchObject({ title: "Spaces around", excerpt: " as it is " });
  const { status, text } = await worker.visit(`/api/plugins/${manifest.id}/hello`);
  expect({ status, body: JSON.parse(text) as unknown }).toEqual({
    status: 200,
    body: { success: true, data: { site: expect.any(String) as string } },
  });
});
