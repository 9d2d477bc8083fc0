/** `npm run link`: another one-time sign-in link for the server that `npm start` runs. */
import { readFile } from "node:fs/promises";

const url = process.env["BULKHEAD_URL"] ?? "http://127.0.0.1:8787";
const secrets = JSON.parse(await readFile(".wrangler/state/local.json", "utf8")) as { BOOTSTRAP_TOKEN: string };
const response = await fetch(`${url}/api/auth/links`, {
  method: "POST",
  headers: { authorization: `Bearer ${secrets.BOOTSTRAP_TOKEN}` },
}).catch(() => {
  console.error(`Nothing answers at ${url}. Run npm start first.`);
  process.exit(1);
});
if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
console.log(((await response.json()) as { url: string }).url);
