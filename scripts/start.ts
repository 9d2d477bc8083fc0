/** `npm start`: the whole product on this machine, with an LLM on loopback and a clock that ticks each minute. */
import { parseArgs } from "node:util";
import { startLocalLlm } from "./local-llm.ts";
import { startLocalServer } from "./local-server.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8787" },
    state: { type: "string", default: ".wrangler/state" },
    llm: { type: "string", default: "local" },
    verbose: { type: "boolean", default: false },
  },
});

const llm = values.llm === "local" ? await startLocalLlm({ port: 0 }) : undefined;
const server = await startLocalServer({
  port: Number(values.port),
  stateDir: values.state,
  // Only this one name: every other provider is the real one, so switching is one setting.
  loopbackHosts: llm ? { "api.openai.com": llm.url } : {},
  onOutput: (text) => {
    if (values.verbose || /error|exception/i.test(text)) process.stderr.write(text);
  },
});

console.log(`
  Site        ${server.url}/
  Dashboard   ${await server.signInLink()}
              (signs in once, within 15 minutes; npm run link prints another)
  Token       ${server.bootstrapToken}
  API         ${server.url}/api/openapi.json
  LLM         ${llm ? `${llm.url} answers for api.openai.com; any key will do` : "the real providers"}

  Next: open the dashboard, choose Catalogue, install Auto Blog SEO.
  Ctrl+C stops everything.
`);

const clock = setInterval(() => {
  server.tick().catch((error: unknown) => console.error(String(error)));
}, 60_000);

let stopping = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    clearInterval(clock);
    void Promise.all([server.close(), llm?.close()]).then(() => process.exit(0));
  });
}
