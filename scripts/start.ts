/** `npm start`: the whole product on this machine, with an LLM on loopback and a clock that ticks each minute. */
import { parseArgs } from "node:util";
import { startLocalLlm } from "./local-llm.ts";
import { startLocalServer, type LocalServer, type LocalServerOptions } from "./local-server.ts";

const HELP = `npm start -- [--port 8787] [--state .wrangler/state] [--llm local|real] [--verbose]

  --port     port on 127.0.0.1
  --state    folder of database, settings, bundles and local secrets; delete it to start afresh
  --llm      local: an LLM on loopback answers for api.openai.com; real: every provider is the real one
  --verbose  show everything the Worker prints`;

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8787" },
    state: { type: "string", default: ".wrangler/state" },
    llm: { type: "string", default: "local" },
    verbose: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(HELP);
  process.exit(0);
}
console.log("Starting the Worker …");

const llm = values.llm === "local" ? await startLocalLlm({ port: 0 }) : undefined;
const server = await start({
  port: Number(values.port),
  stateDir: values.state,
  // Only this one name: every other provider is the real one, so switching is one setting.
  loopbackHosts: llm ? { "api.openai.com": llm.url } : {},
  onOutput: (text) => {
    if (values.verbose || /error|exception/i.test(text)) process.stderr.write(text);
  },
});

/** The server, or the reason why not and nothing left running. */
async function start(options: LocalServerOptions): Promise<LocalServer> {
  try {
    return await startLocalServer(options);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    await llm?.close();
    process.exit(1);
  }
}

console.log(`
  Site        ${server.url}/
  Dashboard   ${await server.signInLink()}
              (signs in once, within 15 minutes; npm run link prints another)
  Token       ${server.bootstrapToken}   (for the sign-in page, or HTTP: Authorization: Bearer ...)
  API         ${server.url}/api/openapi.json
  LLM         ${llm ? `${llm.url} answers for api.openai.com; any key will do` : "the real providers"}

  Next: open the dashboard, choose Catalogue, install Auto Blog SEO; under Settings enter any text as its OpenAI key
        and choose to publish new posts at once; under Schedules press Run now. A minute later the site has a post.
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
