/**
 * What is in the VM before the bundle? This: the prelude takes the built-ins it needs, takes dynamic code away, lays
 * out the globals a Worker has, and hands the host its one way in.
 */
import { consoleGlobal } from "./console.ts";
import { enter } from "./enter.ts";
import { connect, type AskImport, type CallImport } from "./host.ts";
import { installGlobals } from "./install.ts";
import { installIntl } from "./intl/index.ts";
import { correctLanguage } from "./language.ts";
import { takeDynamicCodeAway } from "./no-dynamic-code.ts";
import { random } from "./random.ts";
import { performanceGlobal } from "./performance.ts";
import { timerGlobals } from "./timers.ts";
import { webGlobals } from "./web/index.ts";

export default function boot(call: CallImport, ask: AskImport): typeof enter {
  connect(call, ask);
  correctLanguage();
  installGlobals({ console: consoleGlobal, performance: performanceGlobal, ...timerGlobals, ...webGlobals });
  installGlobals({ random }, Math);
  installIntl();
  takeDynamicCodeAway();
  return enter;
}
