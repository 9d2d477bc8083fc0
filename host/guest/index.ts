/**
 * The guest's half of the host: finds the handler an entry names in the bundle's exports and gives it its `ctx`. Runs
 * inside the VM. It holds no authority: every method ends in a host call that is checked outside.
 */
import type { GuestRuntime, GuestSandbox } from "../../sandbox/types.ts";
import { createContexts, type EntryContext } from "./context.ts";
import { describeExports, findHandler } from "./exports.ts";

/** Makes the runtime; see `Program.runtime`. `methods` names what `ctx` offers. */
export default function createRuntime(sandbox: GuestSandbox, methods: string): GuestRuntime {
  const createContext = createContexts(sandbox, methods);
  return {
    dispatch(exports, name, input, context) {
      const handler = findHandler(exports, name);
      return handler(input, createContext(context as EntryContext));
    },
    inspect: describeExports,
  };
}
