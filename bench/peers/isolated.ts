/** isolated-vm, in Node: an isolate that is there already, with a new context for each call, and with one for all. */
import { text } from "node:stream/consumers";
import ivm from "isolated-vm";
import { runBatch, type Call, type Fixture } from "../engine/contender.ts";

const ANSWER = "(text) => JSON.stringify(bundle.main(JSON.parse(text)))";

async function answerIn(isolate: ivm.Isolate, { script }: Fixture) {
  const context = await isolate.createContext();
  await context.eval(`${script}\n;0`);
  const answer = (await context.eval(ANSWER, { reference: true })) as ivm.Reference<(text: string) => string>;
  return { context, answer };
}

/** A state of its own for each call. */
function fresh(isolate: ivm.Isolate, fixture: Fixture): Call {
  return async (input) => {
    const { context, answer } = await answerIn(isolate, fixture);
    const text = (await answer.apply(undefined, [input])) as string;
    answer.release();
    context.release();
    return text;
  };
}

async function kept(isolate: ivm.Isolate, fixture: Fixture): Promise<Call> {
  const { answer } = await answerIn(isolate, fixture);
  return (input) => answer.apply(undefined, [input]) as Promise<string>;
}

const { fixtures, rounds, ms } = JSON.parse(await text(process.stdin)) as {
  fixtures: Fixture[];
  rounds: number;
  ms: number;
};
const isolate = new ivm.Isolate({ memoryLimit: 128 });
const calls = new Map<string, Call>();
for (const fixture of fixtures) {
  calls.set(`isolated_fresh ${fixture.size}`, fresh(isolate, fixture));
  calls.set(`isolated_kept ${fixture.size}`, await kept(isolate, fixture));
}
for (let round = 0; round < rounds; round += 1) {
  for (const [name, call] of calls) console.log(JSON.stringify({ name, ...(await runBatch(call, ms)) }));
}
